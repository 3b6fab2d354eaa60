export * from './port';
export { SlotRegister, SlotRegisterInit } from './slot-register';
export { SlotTransfer, SlotTransferInit } from './slot-transfer';
