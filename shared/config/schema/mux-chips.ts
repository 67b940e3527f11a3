// The multiplexers that are told their channel in different ways.

export const MUX_CHIPS = ['tca9548a', 'pca9547', 'pca9544', 'pca9542', 'pca9540'] as const;
export type MuxChip = (typeof MUX_CHIPS)[number];
