// Which addresses a target may have.

/**
 * UM10204 (3.1.12) reserves 0x00 to 0x07, but of these 0x04 to 0x07 only as the codes that begin high-speed mode, which
 * no bus of an Arduino knows: GrovePi's firmware answers at 0x04.
 */
export const FIRST_ADDRESS = 0x04;
/** Whoever listens to it hears what is written there, all at once. */
export const GENERAL_CALL = 0x00;
/** Above it addresses of ten bits begin. */
export const LAST_ADDRESS = 0x77;
