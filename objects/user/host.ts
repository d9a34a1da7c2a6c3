import type {
  ApiAnswer,
  AppendAnswer,
  AppendCall,
  ConversationCalls,
  CreateCall,
  MarksAnswer,
  MarksCall,
  PullAnswer,
  PullCall,
} from '../shared/rpc.ts';
import type { Telemetry } from '../shared/telemetry.ts';

/** Calls of a ConversationObject by name, with their argument and answer. */
export interface ConversationCallTable {
  append: [AppendCall, AppendAnswer];
  marks: [MarksCall, MarksAnswer];
  pull: [PullCall, PullAnswer];
  create: [CreateCall, ApiAnswer];
  summary: [Parameters<ConversationCalls['summary']>[0], ApiAnswer];
  history: [Parameters<ConversationCalls['history']>[0], ApiAnswer];
  members: [Parameters<ConversationCalls['members']>[0], ApiAnswer];
  setMember: [Parameters<ConversationCalls['setMember']>[0], ApiAnswer];
  removeMember: [Parameters<ConversationCalls['removeMember']>[0], ApiAnswer];
  rename: [Parameters<ConversationCalls['rename']>[0], ApiAnswer];
  setBlocked: [Parameters<ConversationCalls['setBlocked']>[0], ApiAnswer];
}

/** What the core needs of the platform. In production effects wait for the commit (output gates); the simulation does the same. */
export interface UserHost {
  /** Milliseconds since 1970. */
  now(): number;
  /** A fresh opaque id. */
  id(): string;
  /** The id of the direct conversation of two users: the same from either side. */
  directId(a: string, b: string): string;
  send(socket: number, frame: string): void;
  close(socket: number, code: number, reason: string): void;
  /** Keeps what a hibernated socket must remember. */
  keep(socket: number, kept: KeptSocket): void;
  /** When the runtime last answered this socket's ping, 0 for never. */
  lastPing(socket: number): number;
  /** Calls a conversation; `done` gets its answer, or undefined when the call failed. Calls to one keep their order. */
  call<M extends keyof ConversationCallTable>(
    conversation: string,
    method: M,
    argument: ConversationCallTable[M][0],
    done: (answer: ConversationCallTable[M][1] | undefined) => void,
  ): void;
  /** Whether `other` blocks `user`; undefined when the call failed. */
  blocks(other: string, user: string, done: (blocks: boolean | undefined) => void): void;
  /**
   * Runs once after `ms`, in a turn of its own; lost when the object leaves memory. A timer keeps the object awake, which
   * is billed: what it returns cancels it.
   */
  timer(ms: number, run: () => void): () => void;
  /** Counts and durations of turns; left out: nothing is counted. */
  readonly telemetry?: Telemetry;
}

/** What a socket remembers across hibernation. */
export interface KeptSocket {
  readonly device: string;
  /** It said `hello` and its resume is complete. */
  readonly synced: boolean;
  /** No cursor above this was sent to it. */
  readonly ceiling: number;
  /** Conversations whose own marks were told here, which is not arrived; see `Connection.told`. */
  readonly told?: readonly string[];
  /** It said `hello`. With `synced` false: it was in the middle of a resume, which no memory goes on with. */
  readonly ready?: boolean;
  /** Set by the shell: the memory that had something under way for it is lost. */
  readonly interrupted?: boolean;
  /** Its last sign of life when this was written. */
  readonly at?: number;
  /** Of the conversations used last: up to where it was handed every entry. */
  readonly heads?: readonly (readonly [conversation: string, handed: number])[];
  /** What it was pushed and didn't confirm: the first, the newest it should get, the newest that was sent. */
  readonly pending?: readonly (readonly [conversation: string, from: number, to: number, pushed: number])[];
  /** Own sends acknowledged and not confirmed. */
  readonly acked?: readonly (readonly [conversation: string, seq: number])[];
  /** What the client said that it knows, and the release whose `welcome` it has; see schema/protocol/knows.ts. */
  readonly knows?: readonly string[];
  readonly release?: string;
}
