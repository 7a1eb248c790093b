// What a sender may take up of the HL7 listener. README.md lists them.

export type MllpLimits = {
  maxMessageBytes: number;
  /** Of unfinished frames and messages that wait, over all connections. */
  maxHeldBytes: number;
  /** How long a frame may take from its first byte to its last. */
  frameTimeoutMs: number;
  /** How long a sender may leave its answers unread. */
  answerTimeoutMs: number;
  maxConnections: number;
};

export const mllpLimits: MllpLimits = {
  maxMessageBytes: 4 * 1024 * 1024,
  maxHeldBytes: 64 * 1024 * 1024,
  frameTimeoutMs: 60_000,
  answerTimeoutMs: 60_000,
  maxConnections: 200,
};
