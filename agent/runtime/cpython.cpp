// CPython with asyncio or gevent: where a process keeps which Task runs, or which greenlet. What is found says
// include/wire/runtime_cpython.h.

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/process_memory.h"
#include "runtime/runtime_finder.h"
#include "wire/runtime_cpython.h"

namespace suture {
namespace {

/// What moved from one version to the next; bytes. From the headers of the release builds of 3.8.18, 3.9.18, 3.10.13, 3.11.7,
/// 3.12.1 and 3.13.0, and for a Task, which no header shows, from Tasks in memory.
struct Layout {
  std::uint32_t minor;
  std::uint32_t runtime_main;     // _PyRuntime: the main interpreter
  std::uint32_t runtime_key;      // _PyRuntime: the key of the thread-specific storage that holds a thread's PyThreadState
  std::uint32_t modules;          // PyInterpreterState: sys.modules
  std::uint32_t context;          // PyThreadState
  std::uint32_t task_name;
  std::uint32_t text;             // sizeof(PyASCIIObject)
  std::uint32_t closure;          // PyFunctionObject
  std::uint32_t wakeup_task;      // TaskWakeupMethWrapper.ww_task, later PyCFunctionObject.m_self
  std::uint32_t stack;            // PyThreadState.datastack_chunk, 0: frames are objects of their own
};

constexpr std::array<Layout, 6> kLayouts{{
    {8, 40, 1392, 56, 240, 120, 48, 48, 16, 0},
    {9, 40, 584, 856, 240, 160, 48, 48, 16, 0},
    {10, 40, 584, 856, 240, 168, 48, 72, 24, 0},
    {11, 48, 592, 888, 224, 144, 48, 72, 24, 296},
    {12, 48, 1544, 944, 208, 144, 40, 72, 24, 232},
    {13, 640, 2160, 7656, 208, 128, 40, 72, 24, 232},
}};

// The same in all of them.
constexpr std::uint64_t kType = 8, kModuleDict = 16, kTypeDict = 264, kDictKeys = 32, kStringLength = 16;

// glibc keeps the first 32 thread-specific values in struct pthread, at which the thread pointer points: from 0x310 on, of
// 16 bytes each, the value second. With another C library this leads nowhere, and the walk finds no Task.
constexpr std::uint32_t kThreadValues = 0x310, kThreadKeys = 32;

constexpr std::uint64_t kMaxEntries = 1 << 16;  // of a dict: sys.modules of a large program has some thousands

/// "libpython3.11.so.1.0" and "python3.11": 11.
std::optional<std::uint32_t> minor_version(std::string_view path) {
  constexpr std::string_view kName = "python3.";
  const std::size_t folder = path.rfind('/');
  const std::string_view file = folder == std::string_view::npos ? path : path.substr(folder + 1);
  const std::size_t found = file.find(kName);
  if (found != 0 && file.substr(0, found) != "lib") return std::nullopt;
  const std::string_view number = file.substr(found + kName.size());
  std::uint32_t minor = 0;
  if (std::from_chars(number.data(), number.data() + number.size(), minor).ec != std::errc()) return std::nullopt;
  return minor;
}

/// A CPython that is mapped into a process.
class Interpreter {
 public:
  Interpreter(const ProcessMemory& memory, const ProcessMemory::Module& module, const Layout& layout)
      : memory_(memory), module_(module), layout_(layout), dict_type_(symbol("PyDict_Type")) {}

  std::uint64_t symbol(std::string_view name) const { return memory_.symbol(module_, name); }

  std::uint64_t imported(std::string_view name) const {
    const std::uint64_t main = memory_.at(symbol("_PyRuntime") + layout_.runtime_main);
    const std::uint64_t module = item(memory_.at(main + layout_.modules), name);
    return module == 0 ? 0 : memory_.at(module + kModuleDict);
  }

  /// The value under a key that is ASCII text; 0: none, or no dict.
  std::uint64_t item(std::uint64_t dict, std::string_view key) const {
    if (!is_dict(dict)) return 0;
    const std::uint64_t keys = memory_.at(dict + kDictKeys);
    const auto head = memory_.at<std::array<std::uint64_t, 5>>(keys);
    std::uint64_t entries = 0, count = 0, stride = 24;  // hash, key, value
    if (layout_.minor < 11) {
      const std::uint64_t size = head[1];
      count = head[4];
      entries = keys + 40 + size * (size <= 0xff ? 1 : size <= 0xffff ? 2 : 4);
    } else {
      count = head[3];
      entries = keys + 32 + (1ull << (head[1] >> 8 & 31));
      if ((head[1] >> 16 & 0xff) != 0) stride = 16;  // all keys are text: no hashes
    }
    for (std::uint64_t i = 0; i < std::min(count, kMaxEntries); ++i) {
      const auto entry = memory_.at<std::array<std::uint64_t, 2>>(entries + i * stride + stride - 16);
      if (entry[1] != 0 && is_text(entry[0], key)) return entry[1];
    }
    return 0;
  }

  bool is_dict(std::uint64_t object) const { return dict_type_ != 0 && type_of(object) == dict_type_; }
  std::uint64_t type_of(std::uint64_t object) const { return object == 0 ? 0 : memory_.at(object + kType); }

 private:
  bool is_text(std::uint64_t object, std::string_view text) const {
    return memory_.at(object + kStringLength) == text.size() && memory_.says(object + layout_.text, text);
  }

  const ProcessMemory& memory_;
  const ProcessMemory::Module& module_;
  const Layout& layout_;
  std::uint64_t dict_type_;
};

std::optional<runtime> find_in(const ProcessMemory& memory, const ProcessMemory::Module& module, const Layout& layout) {
  const Interpreter python(memory, module, layout);
  const std::uint64_t state = python.symbol("_PyRuntime");
  if (state == 0) return std::nullopt;
  const auto key = memory.at<std::array<std::uint32_t, 2>>(state + layout.runtime_key);  // whether it is set, and it
  if (key[0] != 1 || key[1] >= kThreadKeys) return std::nullopt;
  const std::uint64_t tasks = python.item(python.imported("_asyncio"), "_current_tasks");
  const std::uint32_t stack = python.imported("gevent") != 0 ? layout.stack : 0;
  if (!python.is_dict(tasks) && stack == 0) return std::nullopt;

  runtime found{};
  found.kind = RUNTIME_CPYTHON;
  found.version = layout.minor;
  found.address[CPYTHON_CURRENT_TASKS] = python.is_dict(tasks) ? tasks : 0;
  found.address[CPYTHON_FUNCTION_TYPE] = python.symbol("PyFunction_Type");
  found.address[CPYTHON_INT_TYPE] = python.symbol("PyLong_Type");
  const std::uint64_t group = python.item(python.imported("asyncio.taskgroups"), "TaskGroup");
  const std::uint64_t done = group == 0 ? 0 : python.item(memory.at(group + kTypeDict), "_on_task_done");
  if (python.type_of(done) == found.address[CPYTHON_FUNCTION_TYPE]) found.address[CPYTHON_GROUP_DONE] = done;
  found.offset[CPYTHON_TSTATE] = kThreadValues + 16 * key[1] + 8;
  found.offset[CPYTHON_TSTATE_CONTEXT] = layout.context;
  found.offset[CPYTHON_TASK_NAME] = layout.task_name;
  found.offset[CPYTHON_TEXT] = layout.text;
  found.offset[CPYTHON_CLOSURE] = layout.closure;
  found.offset[CPYTHON_WAKEUP_TASK] = layout.wakeup_task;
  found.offset[CPYTHON_STACK] = stack;
  return found;
}

}  // namespace

std::optional<runtime> find_cpython(const std::string& process) {
  const std::optional<ProcessMemory> memory = ProcessMemory::open(process);
  if (!memory) return std::nullopt;
  for (const ProcessMemory::Module& module : memory->modules()) {
    const std::optional<std::uint32_t> minor = minor_version(module.path);
    const auto layout = std::find_if(kLayouts.begin(), kLayouts.end(), [&](const Layout& known) { return known.minor == minor; });
    if (layout == kLayouts.end()) continue;
    if (std::optional<runtime> found = find_in(*memory, module, *layout)) return found;
  }
  return std::nullopt;
}

}  // namespace suture
