// Preloaded into a process that uses TensorFlow: counts in which thread the arrays of JavaScript that TensorFlow borrows for tensors
// are given back. The binding then calls Node-API, which only the thread that lent them may do. Tells at the process's end.
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <atomic>
#include <initializer_list>
#include <thread>

namespace {

using Deallocator = void (*)(void* data, size_t length, void* argument);
using NewTensor = void* (*)(int type, const int64_t* sides, int num_sides, void* data, size_t length, Deallocator, void*);

struct Owner {
  Deallocator deallocator;
  void* argument;
  std::thread::id thread;
};

// An array that lies where TensorFlow cannot use it is copied and given back at once: it was not borrowed.
thread_local bool is_lending = false;
std::atomic<int> in_own_thread{0};
std::atomic<int> in_others{0};

void GiveBack(void* data, size_t length, void* argument) {
  Owner* owner = static_cast<Owner*>(argument);
  if (!is_lending) ++(std::this_thread::get_id() == owner->thread ? in_own_thread : in_others);
  owner->deallocator(data, length, owner->argument);
  delete owner;
}

NewTensor FindOriginal() {
  // The library of Python's wheel, or of a published binding. It is in no scope that a preloaded library is searched after.
  for (const char* name : {"libtensorflow_cc.so.2", "libtensorflow.so.2"}) {
    void* library = dlopen(name, RTLD_LAZY | RTLD_NOLOAD);
    void* found = library ? dlsym(library, "TF_NewTensor") : nullptr;
    if (found) return reinterpret_cast<NewTensor>(found);
  }
  fprintf(stderr, "There is no TF_NewTensor to be watched.\n");
  abort();
}

__attribute__((destructor)) void Tell() {
  if (in_own_thread + in_others > 0)
    fprintf(stderr, "given back: %d in their own thread, %d in others\n", in_own_thread.load(), in_others.load());
}

}  // namespace

extern "C" void* TF_NewTensor(int type, const int64_t* sides, int num_sides, void* data, size_t length,
                              Deallocator deallocator, void* argument) {
  static const NewTensor original = FindOriginal();
  Owner* owner = new Owner{deallocator, argument, std::this_thread::get_id()};
  is_lending = true;
  void* tensor = original(type, sides, num_sides, data, length, GiveBack, owner);
  is_lending = false;
  return tensor;
}
