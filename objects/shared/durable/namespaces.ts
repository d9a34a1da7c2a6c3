import type { ConversationCalls, UserCalls } from '../rpc.ts';

/** The objects as others call them: by their calls, not by their classes, so that no object knows another's inside. */
export type ConversationNamespace = DurableObjectNamespace<ConversationCalls & Rpc.DurableObjectBranded>;
export type UserNamespace = DurableObjectNamespace<UserCalls & Rpc.DurableObjectBranded>;
