// Compiled before the sources of tfjs-node's binding (compile-binding.ts), which makes its sessions with TensorFlow's own options, sends
// every tensor to the GPU, and offers no way to say otherwise.
#include <stdlib.h>
#include <string.h>

#include "tensorflow/c/c_api.h"
#include "tensorflow/c/eager/c_api.h"

// With FAST_STYLE_GRAPH_OPTIMIZER=off TensorFlow runs graphs as they were written. To optimise one takes most of its first call, and tests
// run most graphs only a few times (scripts/test-processes.mjs).
inline TF_SessionOptions* SessionOptions() {
  TF_SessionOptions* options = TF_NewSessionOptions();
  const char* optimizer = getenv("FAST_STYLE_GRAPH_OPTIMIZER");
  if (optimizer == nullptr || strcmp(optimizer, "off") != 0) return options;
  // ConfigProto { graph_options (10) { rewrite_options (10) { disable_meta_optimizer (19): true } } }
  const unsigned char config[] = {0x52, 5, 0x52, 3, 0x98, 0x01, 1};
  TF_Status* status = TF_NewStatus();
  TF_SetConfig(options, config, sizeof config, status);
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
