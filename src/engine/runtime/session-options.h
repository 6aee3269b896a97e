// Compiled before the sources of tfjs-node's binding (compile-binding.ts), which makes its sessions with TensorFlow's own options, sends
// every tensor to the GPU, and offers no way to say otherwise.
#include <stdlib.h>
#include <string.h>

#include "tensorflow/c/c_api.h"
#include "tensorflow/c/eager/c_api.h"

// The graph optimiser goes over a graph once, without its memory optimiser and its MLIR passes: what these add takes up to a third of a
// graph's first call and makes no later one faster (docs/decisions/compiled-graphs.md).
// With FAST_STYLE_GRAPH_OPTIMIZER=off TensorFlow runs graphs as they were written: tests run most graphs only a few times
// (scripts/test-processes.mjs).
inline TF_SessionOptions* SessionOptions() {
  TF_SessionOptions* options = TF_NewSessionOptions();
  // ConfigProto { graph_options (10) { rewrite_options (10) {
  //   memory_optimization (4): NO_MEM_OPT, meta_optimizer_iterations (12): ONE, disable_tfg_optimizer (32): true } } }
  const unsigned char quick[] = {0x52, 9, 0x52, 7, 0x20, 1, 0x60, 1, 0x80, 0x02, 1};
  // ConfigProto { graph_options { rewrite_options { disable_meta_optimizer (19): true } } }
  const unsigned char none[] = {0x52, 5, 0x52, 3, 0x98, 0x01, 1};
  const char* optimizer = getenv("FAST_STYLE_GRAPH_OPTIMIZER");
  const bool off = optimizer != nullptr && strcmp(optimizer, "off") == 0;
  TF_Status* status = TF_NewStatus();
  TF_SetConfig(options, off ? none : quick, off ? sizeof none : sizeof quick, status);
  if (TF_GetCode(status) != TF_OK) abort();
  TF_DeleteStatus(status);
  return options;
}

// Bytes are given to sessions alone (src/engine/ops/bytes.ts), which take them from the host's memory: on a GPU they would only be
// fetched back first.
inline TFE_TensorHandle* ToDevice(TFE_TensorHandle* handle, TFE_Context* context, const char* device, TF_Status* status) {
  const bool stays = TFE_TensorHandleDataType(handle) == TF_UINT8;
  return TFE_TensorHandleCopyToDevice(handle, context, stays ? "/job:localhost/replica:0/task:0/device:CPU:0" : device, status);
}

#define TF_NewSessionOptions SessionOptions
#define TFE_TensorHandleCopyToDevice ToDevice
