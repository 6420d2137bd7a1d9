#include "kernel/loader.h"

#include <bpf/bpf.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <string_view>

#include "base/fd.h"
#include "kernel/objects.h"
#include "wire/spare.h"

namespace suture {
namespace {

// libbpf speaks through one function of the whole process, without a context. It is called on the thread that loads;
// what it says while one load runs is that load's reason.
constexpr std::size_t kWordsBytes = 1u << 20;

std::string& libbpf_words() {
  static thread_local std::string words;
  return words;
}

int keep_words(libbpf_print_level level, const char* format, va_list arguments) {
  if (level == LIBBPF_DEBUG) return 0;
  // The verifier's log comes in one piece, and its last lines matter: room for what libbpf asks the kernel for.
  va_list again;
  va_copy(again, arguments);
  const int size = std::vsnprintf(nullptr, 0, format, again);
  va_end(again);
  std::string line(static_cast<std::size_t>(size > 0 ? size : 0) + 1, '\0');
  std::vsnprintf(line.data(), line.size(), format, arguments);
  line.pop_back();
  std::string& words = libbpf_words();
  if (words.size() < kWordsBytes) words += line;
  return 0;
}

constexpr const char* kMaps[] = {"suture_ring", "suture_knobs", "suture_counts", "suture_marks", "suture_self", "suture_conns",
                                 "suture_runtimes", "suture_threads", "suture_inbound", "suture_trace_states", "suture_trace_threads", "suture_trace_goroutines",
                                 "suture_traced", "suture_trace_settings", "suture_trace_peers", "suture_header_socks", "suture_header_members", "suture_carried"};

Object open(const char* name, int& error) {
  forget_words();
  const auto bytes = bpf_object_bytes(name);
  bpf_object_open_opts options{};  // LIBBPF_OPTS is C
  options.sz = sizeof(options);
  options.object_name = name;
  Object object(bpf_object__open_mem(bytes.data(), bytes.size(), &options));
  if (!object) error = -errno;
  return object;
}

bpf_map* copy_of(bpf_object* object) { return bpf_object__find_map_by_name(object, ".rodata.copy"); }

void set_copy(bpf_object* object, const object_copy& copy) { bpf_map__set_initial_value(copy_of(object), &copy, sizeof(copy)); }

/// What `first` has loaded and the kernel may leave out, once more, on the same maps.
Object load_spare(const char* name, bpf_object* first, const object_copy& copy, int& error) {
  constexpr std::string_view kScratch = "suture_tokio_nodes";  // of one run: the first may be in the middle of one
  Object spare = open(name, error);
  if (!spare) return nullptr;
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, spare.get()) {
    const bool loaded = bpf_program__fd(bpf_object__find_program_by_name(first, bpf_program__name(program))) >= 0;
    bpf_program__set_autoload(program, loaded && bpf_program__expected_attach_type(program) == BPF_TRACE_RAW_TP);
  }
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, spare.get()) {
    if (!bpf_map__is_internal(map) && bpf_map__name(map) != kScratch) bpf_map__reuse_fd(map, bpf_object__find_map_fd_by_name(first, bpf_map__name(map)));
  }
  set_copy(spare.get(), copy);
  error = bpf_object__load(spare.get());
  return error ? nullptr : std::move(spare);
}

}  // namespace

void forget_words() { libbpf_words().clear(); }

std::string reason_of(int error) {
  const std::string& words = libbpf_words();
  std::string line = words.substr(0, words.find('\n'));
  if (const std::size_t end = words.find("\nprocessed "); end != words.npos) {
    const std::size_t begin = words.rfind('\n', end - 1) + 1;
    line = words.substr(begin, end - begin);
  }
  constexpr std::string_view kPrefix = "libbpf: ";
  if (line.rfind(kPrefix, 0) == 0) line.erase(0, kPrefix.size());
  const std::string reason = std::strerror(error < 0 ? -error : error);
  if (line.empty()) return reason;
  return line.find(reason) == line.npos ? line + " (" + reason + ")" : line;
}

bool attach(const Loaded& loaded, const char* program, std::vector<Link>& into, int& error) {
  forget_words();
  error = 0;
  const auto attach_one = [&](bpf_program* found) {
    Link link(found ? bpf_program__attach(found) : nullptr);
    if (!link) error = -errno;
    else into.push_back(std::move(link));
    return error == 0;
  };
  if (!attach_one(bpf_object__find_program_by_name(loaded.get(), program))) return false;
  for (const Object& spare : loaded.spares)
    if (bpf_program* found = bpf_object__find_program_by_name(spare.get(), program); bpf_program__fd(found) >= 0 && !attach_one(found)) return false;
  return true;
}

Link iterate(bpf_object* object, const char* program, const char* map) {
  forget_words();
  bpf_iter_link_info target{};
  bpf_iter_attach_opts options{};
  options.sz = sizeof(options);
  options.link_info = &target;
  options.link_info_len = sizeof(target);
  if (map) target.map.map_fd = static_cast<__u32>(bpf_object__find_map_fd_by_name(object, map));
  return Link(bpf_program__attach_iter(bpf_object__find_program_by_name(object, program), map ? &options : nullptr));
}

bool walk(const Link& link) {
  Fd iterator(bpf_iter_create(bpf_link__fd(link.get())));
  if (!iterator.valid()) return false;
  char nothing[64];  // the program prints nothing: one read runs it to its end
  while (::read(iterator.get(), nothing, sizeof(nothing)) > 0) {
  }
  return true;
}

Loader::Loader() { libbpf_set_print(keep_words); }

void Loader::set_limits(std::uint32_t ring_bytes, std::uint32_t connections) {
  ring_bytes_ = ring_bytes;
  connections_ = connections;
}

int Loader::map_fd(const char* name) const {
  for (const Loaded& loaded : objects_) {
    const int fd = bpf_object__find_map_fd_by_name(loaded.get(), name);
    if (fd >= 0) return fd;
  }
  return -1;
}

Loaded Loader::load(const char* name, std::initializer_list<const char*> programs, int& error) const {
  Loaded loaded;
  Object object = open(name, error);
  if (!object) return loaded;
  for (const char* program : programs)
    if (program)
      if (bpf_program* found = bpf_object__find_program_by_name(object.get(), program)) bpf_program__set_autoload(found, true);
  for (const char* shared : kMaps) {
    bpf_map* map = bpf_object__find_map_by_name(object.get(), shared);
    const int fd = map_fd(shared);
    if (map && fd >= 0) bpf_map__reuse_fd(map, fd);
  }
  bpf_map* ring = bpf_object__find_map_by_name(object.get(), "suture_ring");
  if (ring && ring_bytes_ && map_fd("suture_ring") < 0) bpf_map__set_max_entries(ring, ring_bytes_);
  bpf_map* connections = bpf_object__find_map_by_name(object.get(), "suture_conns");
  if (connections_ && connections && bpf_map__type(connections) == BPF_MAP_TYPE_HASH)
    bpf_map__set_max_entries(connections, connections_);
  object_copy copy{0, 1 + (copy_of(object.get()) ? spares_ : 0)};
  if (copy.copies > 1) set_copy(object.get(), copy);
  error = bpf_object__load(object.get());
  if (error) return loaded;
  while (++copy.number < copy.copies) {
    loaded.spares.push_back(load_spare(name, object.get(), copy, error));
    if (!loaded.spares.back()) return loaded;
  }
  loaded.object = std::move(object);
  return loaded;
}

}  // namespace suture
