#pragma once
// Loader: BPF objects loaded one after another, which share the maps that they name alike, and why one was refused. Owns what it keeps,
// programs and maps with it. One thread at a time.

#include <bpf/libbpf.h>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace suture {

struct ObjectCloser {
  void operator()(bpf_object* object) const { bpf_object__close(object); }
};
struct LinkDestroyer {
  void operator()(bpf_link* link) const { bpf_link__destroy(link); }
};
using Object = std::unique_ptr<bpf_object, ObjectCloser>;
using Link = std::unique_ptr<bpf_link, LinkDestroyer>;

/// What libbpf has said since forget_words() on this thread, and `error` (an errno, of either sign), shortened to one line: the verifier's last
/// words if it spoke, else the first line.
std::string reason_of(int error);
void forget_words();

/// An embedded object in the kernel, and where that may leave out runs of its programs (bpf/core/spare.bpf.h) its spares.
struct Loaded {
  Object object;
  std::vector<Object> spares;

  bpf_object* get() const { return object.get(); }
  explicit operator bool() const { return object != nullptr; }
};

/// Puts the link of `program` behind those in `into`, and behind it those of its spares. False: reason_of(`error`) says why.
bool attach(const Loaded& loaded, const char* program, std::vector<Link>& into, int& error);
/// An iterator over the values of `map`, or (nullptr) over what the program says by itself. nullptr: reason_of(errno) says why.
Link iterate(bpf_object* object, const char* program, const char* map);
/// Runs an iterator's program over all it has. False: the kernel refuses.
bool walk(const Link& link);

class Loader {
 public:
  Loader();

  /// The first of either map is made so large. 0 connections: as many as bpf/core/maps.bpf.h says.
  void set_limits(std::uint32_t ring_bytes, std::uint32_t connections);
  /// Of each object that can have some.
  void set_spares(std::uint32_t spares) { spares_ = spares; }

  /// Loads what the build embedded as `name`, with those `programs` on that are not nullptr, sharing the maps of what is kept. nullptr:
  /// reason_of(`error`) says why.
  Loaded load(const char* name, std::initializer_list<const char*> programs, int& error) const;
  void keep(Loaded object) { objects_.push_back(std::move(object)); }

  const std::vector<Loaded>& objects() const { return objects_; }
  /// Of a map of what is kept. -1: there is none.
  int map_fd(const char* name) const;

 private:
  std::vector<Loaded> objects_;
  std::uint32_t ring_bytes_ = 0, connections_ = 0;
  std::uint32_t spares_ = 0;
};

}  // namespace suture
