// The driver's calls made in the turn that asks for them. Handing one to libuv's thread and being woken by it costs two
// wake-ups, a third of what a lone transaction costs the machine; it is worth that only where another one follows.
import type { BlockingCalls, TransferCalls } from './driver.js';

/** Each has ended when it returns. What the driver throws rejects. */
export function inThisTurn(bus: BlockingCalls): TransferCalls {
  return {
    i2cWrite: async (address, length, buffer) =>
      Promise.resolve({ bytesWritten: bus.i2cWriteSync(address, length, buffer) }),
    i2cRead: async (address, length, buffer) =>
      Promise.resolve({ bytesRead: bus.i2cReadSync(address, length, buffer) }),
    writeQuick: async (address, bit) => Promise.resolve(bus.writeQuickSync(address, bit)),
    readByte: async (address, register) => Promise.resolve(bus.readByteSync(address, register)),
    readWord: async (address, register) => Promise.resolve(bus.readWordSync(address, register)),
    readI2cBlock: async (address, register, length, buffer) =>
      Promise.resolve({ bytesRead: bus.readI2cBlockSync(address, register, length, buffer) }),
  };
}
