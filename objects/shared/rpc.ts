/**
 * The calls between the Worker, UserObjects and ConversationObjects. Values are plain data; entries travel as the JSON
 * text of their wire frame, written once by the conversation, so that fanning out copies strings and parses nothing.
 */
import type { Content } from '../../schema/protocol/content.ts';
import type { Failure } from '../../schema/protocol/errors.ts';
import type { Role } from '../../schema/protocol/frames-log.ts';
import type { PrefsChange } from '../../schema/protocol/http-conversations.ts';

export type ConversationKind = 'direct' | 'group' | 'channel';
export type Mode = 'server' | 'encrypted';

/** A change a member asks for. `clientId` makes it idempotent (P3), `after` orders it (P5). */
export type Op =
  | {
      readonly type: 'message';
      readonly clientId: string;
      readonly content: Content;
      readonly replyTo?: number;
      readonly after?: string;
    }
  | { readonly type: 'edit'; readonly clientId: string; readonly target: number; readonly content: Content }
  | { readonly type: 'delete'; readonly clientId: string; readonly target: number }
  | {
      readonly type: 'react';
      readonly clientId: string;
      readonly target: number;
      readonly emoji: string;
      readonly on: boolean;
    };

/** Result of one `Op`. `held`: its predecessor is not stored yet. */
export type OpResult =
  | {
      readonly ok: true;
      readonly seq: number;
      readonly at: number;
      readonly duplicate: boolean;
      readonly entry: string;
    }
  | { readonly ok: true; readonly held: true }
  | Failure;

/** One entry as it travels: `json` is the frame without its opening brace and without `cursor`. */
export interface WireEntry {
  readonly seq: number;
  readonly json: string;
}

export interface AppendCall {
  readonly user: string;
  readonly ops: readonly Op[];
  /** The caller's settled mark in this conversation; saves a call of its own. */
  readonly settled: number;
  /** Marks of the caller that waited to be reported; durable with the append. */
  readonly delivered?: number;
  readonly read?: number;
  /**
   * All of it came by a socket of the user's only device: nobody else of theirs has to get it. The user's cursor at this
   * call: an attach with a greater one is of a device that has come since.
   */
  readonly sole?: number;
}
export type AppendAnswer =
  | {
      readonly ok: true;
      readonly kind: ConversationKind;
      readonly results: OpResult[];
      /** Marks that rode along and were above it were cut to it. */
      readonly head: number;
      /** The caller's settled mark before this append, as the conversation knows it. */
      readonly settled: number;
    }
  | Failure;

export interface MarksCall {
  readonly user: string;
  readonly delivered: number;
  readonly read: number;
  readonly settled: number;
}
/** Answered when the marks are durable. `head`: marks above it were cut to it. */
export type MarksAnswer = { readonly ok: true; readonly head: number } | Failure;

export interface PullCall {
  readonly user: string;
  readonly after?: number;
  readonly before?: number;
  readonly limit: number;
  /** Given by a resume: the user's devices are reachable again from this cursor on. */
  readonly attach?: number;
}
export type PullAnswer =
  | {
      readonly ok: true;
      readonly kind: ConversationKind;
      readonly entries: WireEntry[];
      readonly head: number;
      /** Receipts the caller should know, as frames. */
      readonly receipts: string[];
      /** The caller's own marks. */
      readonly own: { readonly delivered: number; readonly read: number };
    }
  | Failure;

export interface CreateCall {
  readonly id: string;
  readonly kind: ConversationKind;
  readonly mode: Mode;
  readonly title?: string;
  readonly creator: string;
  /** Everybody, the creator included. */
  readonly members: readonly string[];
  /** Members who blocked the creator: they stand in the list and nothing reaches them. */
  readonly shunned: readonly string[];
}

/** An answer to somebody outside: the JSON text of the body. */
export type ApiAnswer = { readonly ok: true; readonly status: number; readonly body: string } | Failure;

export interface HistoryCall {
  readonly user: string;
  readonly view: 'messages' | 'log';
  readonly before?: number;
  readonly after?: number;
  readonly around?: number;
  readonly limit: number;
}

/** What a ConversationObject answers. */
export interface ConversationCalls {
  create(call: CreateCall): Promise<ApiAnswer>;
  append(call: AppendCall): Promise<AppendAnswer>;
  marks(call: MarksCall): Promise<MarksAnswer>;
  pull(call: PullCall): Promise<PullAnswer>;
  summary(call: { readonly user: string }): Promise<ApiAnswer>;
  history(call: HistoryCall): Promise<ApiAnswer>;
  members(call: {
    readonly user: string;
    readonly after?: string;
    readonly limit: number;
  }): Promise<ApiAnswer>;
  setMember(call: {
    readonly by: string;
    readonly user: string;
    readonly role?: Role;
    readonly shunned: boolean;
  }): Promise<ApiAnswer>;
  removeMember(call: { readonly by: string; readonly user: string }): Promise<ApiAnswer>;
  rename(call: { readonly by: string; readonly title: string }): Promise<ApiAnswer>;
  /** `user` blocks or unblocks `other` in their direct conversation, whose id is `id`; it need not exist yet. */
  setBlocked(call: {
    readonly id: string;
    readonly user: string;
    readonly other: string;
    readonly on: boolean;
  }): Promise<ApiAnswer>;
}

/**
 * What a conversation tells one member's UserObject: entries in order, receipts, or that the membership ended. Without
 * entries it asks what the object has.
 */
export interface DeliverCall {
  /** Whose object is called; an object can't tell its own name. */
  readonly user: string;
  readonly conversation: string;
  readonly kind: ConversationKind;
  readonly entries: readonly WireEntry[];
  readonly head: number;
  readonly receipts: readonly string[];
  /** The membership ended with the last of `entries`. */
  readonly ended: boolean;
}
export interface DeliverAnswer {
  /** False: everyone is away and that is noted; no more calls are needed until a `pull` with `attach`. */
  readonly attached: boolean;
  /** Up to here every connected device has confirmed or the change is noted. */
  readonly settled: number;
  /** Up to here every connected device was handed the entries, confirmed or not; left out when that can't be told. */
  readonly handed?: number;
  /** The user's cursor at the answer; an `attach` with a greater one is newer than this answer. */
  readonly cursor: number;
}

/** A request of a signed-in device over HTTP, already validated by the Worker. */
export type UserRequest =
  | { readonly op: 'check' }
  | { readonly op: 'send'; readonly conversation: string; readonly message: Extract<Op, { type: 'message' }> }
  | {
      readonly op: 'create';
      readonly kind: ConversationKind;
      readonly mode: Mode;
      readonly title?: string;
      /** User ids that exist; the caller may be among them. */
      readonly members: readonly string[];
    }
  | { readonly op: 'list'; readonly limit: number; readonly before?: string }
  | { readonly op: 'get'; readonly conversation: string }
  | { readonly op: 'setPrefs'; readonly conversation: string; readonly change: PrefsChange }
  | {
      readonly op: 'history';
      readonly conversation: string;
      readonly view: 'messages' | 'log';
      readonly before?: number;
      readonly after?: number;
      readonly around?: number;
      readonly limit: number;
    }
  | { readonly op: 'members'; readonly conversation: string; readonly after?: string; readonly limit: number }
  | { readonly op: 'setMember'; readonly conversation: string; readonly user: string; readonly role?: Role }
  | { readonly op: 'removeMember'; readonly conversation: string; readonly user: string }
  | { readonly op: 'rename'; readonly conversation: string; readonly title: string }
  | { readonly op: 'blocks' }
  | { readonly op: 'block'; readonly user: string; readonly on: boolean };

export interface PollCall {
  readonly session?: string;
  readonly n?: number;
  readonly cursor?: number;
  readonly heads?: Readonly<Record<string, number>>;
  readonly limit?: number;
  readonly knows?: readonly string[];
  /** Ends the session. */
  readonly close?: boolean;
  /** Frames as JSON text, not yet validated. */
  readonly frames: readonly string[];
  /** Seconds. */
  readonly wait: number;
}

/** What a UserObject answers, besides `fetch` for the upgrade (headers `x-parley-user`, `x-parley-device`). */
export interface UserCalls {
  deliver(call: DeliverCall): Promise<DeliverAnswer>;
  /** Whether `user`, whose object this is, blocks `of`. */
  blocks(call: { readonly user: string; readonly of: string }): Promise<boolean>;
  request(user: string, device: string, request: UserRequest): Promise<ApiAnswer>;
  poll(user: string, device: string, call: PollCall): Promise<ApiAnswer>;
  /** Closes the device's sockets (4403) and refuses its tokens from now on, durably. */
  removeDevice(user: string, device: string): Promise<void>;
}
