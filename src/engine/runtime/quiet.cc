// Loads TensorFlow with standard error held back. TensorFlow's library writes notices while it is being loaded, before
// any setting of its own can reach its logger; this addon catches what is written in that moment and hands it to
// JavaScript, which drops the notices and prints the rest.
#include <dlfcn.h>
#include <fcntl.h>
#include <node_api.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <string>

namespace {

// load(path: string): string. Opens the library at `path` and answers what was written to standard error meanwhile.
// Failing to open it is left to the caller's own attempt, whose error message says more.
napi_value Load(napi_env env, napi_callback_info info) {
  size_t argc = 1;
  napi_value argument;
  if (napi_get_cb_info(env, info, &argc, &argument, nullptr, nullptr) != napi_ok) return nullptr;
  char path[4096];
  size_t length = 0;
  if (napi_get_value_string_utf8(env, argument, path, sizeof path, &length) != napi_ok) {
    napi_throw_type_error(env, nullptr, "load() takes a path");
    return nullptr;
  }

  std::string written;
  FILE* caught = tmpfile();
  const int standard_error = caught ? fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3) : -1;
  if (standard_error >= 0) {
    fflush(stderr);
    dup2(fileno(caught), STDERR_FILENO);
    // TensorFlow reads the process's own environment. In a worker thread of Node process.env is a copy, and what is set there
    // does not come here; so the thread that loads the library first sets it for all. What is set already stays.
    setenv("TF_CPP_MIN_LOG_LEVEL", "2", 0);
    setenv("TF_FORCE_GPU_ALLOW_GROWTH", "true", 0);
    setenv("TF_ENABLE_ONEDNN_OPTS", "1", 0);
    dlopen(path, RTLD_LAZY | RTLD_LOCAL);  // stays open for the life of the process
    fflush(stderr);
    dup2(standard_error, STDERR_FILENO);
    close(standard_error);
    rewind(caught);
    char piece[4096];
    for (size_t n; (n = fread(piece, 1, sizeof piece, caught)) > 0;) written.append(piece, n);
  }
  if (caught) fclose(caught);

  napi_value result;
  if (napi_create_string_utf8(env, written.data(), written.size(), &result) != napi_ok) return nullptr;
  return result;
}

}  // namespace

NAPI_MODULE_INIT() {
  napi_value load;
  if (napi_create_function(env, "load", NAPI_AUTO_LENGTH, Load, nullptr, &load) != napi_ok ||
      napi_set_named_property(env, exports, "load", load) != napi_ok) {
    return nullptr;
  }
  return exports;
}
