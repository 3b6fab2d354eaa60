export * from './port';
export { SlotRegister, SlotRegisterInit } from './slot-register';
