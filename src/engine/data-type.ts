/** TensorFlow's DataType numbers (tensorflow/core/framework/types.proto), for what writes graphs without TensorFlow, too. */
export const DataType = { FLOAT: 1, INT32: 3, UINT8: 4, INT64: 9, BOOL: 10, BFLOAT16: 14, HALF: 19 } as const;
