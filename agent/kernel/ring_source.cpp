#include "kernel/ring_source.h"

#include <linux/bpf.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

#include "base/fd.h"
#include "kernel/mapped_pages.h"
#include "wire/event.h"
#include "wire/limits.h"

namespace suture {
namespace {

// How much is read before the room is given back: each time the kernel's next reservation misses its cache.
constexpr unsigned long kRoomBytes = SUTURE_RING_BYTES / 16;

template <typename T>
std::atomic_ref<T> shared(std::byte* at) {
  return std::atomic_ref<T>(*reinterpret_cast<T*>(at));
}

}  // namespace

// The ring as kernel/bpf/ringbuf.c lays it out: a page with the consumer's position, which we write; a page with the
// producer's; then the data, mapped twice in a row, so that no record is torn where the ring begins again.
struct RingSource::State {
  Probe* probe = nullptr;
  RecordSink* sink = nullptr;
  MappedPages consumer, rest;
  std::byte* data = nullptr;
  Fd wake;
  std::size_t bytes = 0;  // a power of two
  unsigned long position = 0;
};

RingSource::RingSource(std::unique_ptr<State> state) : state_(std::move(state)) {}
RingSource::RingSource(RingSource&&) noexcept = default;
RingSource& RingSource::operator=(RingSource&&) noexcept = default;
RingSource::~RingSource() = default;

Result<RingSource> RingSource::open(Probe& probe, RecordSink& sink) {
  const auto failed = [] { return Error{std::string("ring buffer: ") + std::strerror(errno)}; };
  auto state = std::make_unique<State>();
  state->probe = &probe;
  state->sink = &sink;
  state->bytes = probe.ring_bytes();
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  if (!state->consumer.map(probe.ring_fd(), page, PROT_READ | PROT_WRITE, 0) ||
      !state->rest.map(probe.ring_fd(), page + 2 * state->bytes, PROT_READ, page))
    return failed();
  state->data = state->rest.get() + page;
  state->position = shared<unsigned long>(state->consumer.get()).load();
  // Edge-triggered: only the kernel's wake-up ends a wait. Else what has come since the last drain would end it at once,
  // and a busy host would find us draining event by event.
  state->wake = Fd(::epoll_create1(EPOLL_CLOEXEC));
  epoll_event woken{};
  woken.events = EPOLLIN | EPOLLET;
  if (!state->wake.valid() || ::epoll_ctl(state->wake.get(), EPOLL_CTL_ADD, probe.ring_fd(), &woken) != 0) return failed();
  return RingSource(std::move(state));
}

RingSource::Drained RingSource::drain(std::chrono::milliseconds wait) {
  State& s = *state_;
  if (wait.count() > 0) {
    epoll_event event{};
    ::epoll_wait(s.wake.get(), &event, 1, static_cast<int>(wait.count()));
  }
  s.probe->clear_woken();  // before the drain begins: what comes later may wake us again

  Drained drained;
  const auto told = shared<unsigned long>(s.consumer.get());
  unsigned long given = s.position;
  // Asked once. What comes meanwhile waits for the next drain: each look at the producer's position, while the kernel is
  // at it, costs both sides a cache miss.
  const unsigned long end = shared<unsigned long>(s.rest.get()).load(std::memory_order_acquire);
  while (s.position < end) {
    std::byte* record = s.data + (s.position & (s.bytes - 1));
    const auto length = shared<std::uint32_t>(record).load(std::memory_order_acquire);
    if (length & BPF_RINGBUF_BUSY_BIT) break;  // reserved and not yet submitted
    const std::uint32_t size = length & ~BPF_RINGBUF_DISCARD_BIT;
    // The ring's record is of the reserved size; the event says how much of it counts.
    event_header header;
    if (!(length & BPF_RINGBUF_DISCARD_BIT) && size >= sizeof(header)) {
      const std::byte* bytes = record + BPF_RINGBUF_HDR_SZ;
      std::memcpy(&header, bytes, sizeof(header));
      if (header.size >= sizeof(header) && header.size <= size) {
        ++drained.events;
        s.sink->on_record({bytes, header.size});
      }
    }
    const unsigned long taken = (BPF_RINGBUF_HDR_SZ + size + 7u) & ~7u;
    drained.bytes += taken;
    s.position += taken;
    if (s.position - given >= kRoomBytes) told.store(given = s.position, std::memory_order_release);
  }
  told.store(s.position, std::memory_order_release);
  return drained;
}

}  // namespace suture
