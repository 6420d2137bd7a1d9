/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What a program of type sockops is given, where trace context is written (behind trace.bpf.h). As in uapi/linux/bpf.h up to what is used: the layout is its contract with the kernel. */
#pragma once

#include "maps.bpf.h"

struct bpf_sock;
struct bpf_sock_ops {
  u32 op, args[4];
  u32 family, remote_ip4, local_ip4, remote_ip6[4], local_ip6[4], remote_port, local_port;
  u32 is_fullsock, snd_cwnd, srtt_us, bpf_sock_ops_cb_flags;
  u32 state, rtt_min, snd_ssthresh, rcv_nxt, snd_nxt, snd_una, mss_cache;
  u32 unused[17]; /* ecn_flags .. sk_txhash, bytes_received, bytes_acked */
  struct bpf_sock *sk;
  void *skb_data, *skb_data_end;
  u32 skb_len; /* at SOCK_OPS_HDR_OPT_LEN of the payload; where there is skb_data, with the TCP header */
};
_Static_assert(__builtin_offsetof(struct bpf_sock_ops, bpf_sock_ops_cb_flags) == 84, "uapi");
_Static_assert(__builtin_offsetof(struct bpf_sock_ops, mss_cache) == 112, "uapi");
_Static_assert(__builtin_offsetof(struct bpf_sock_ops, sk) == 184, "uapi");
_Static_assert(__builtin_offsetof(struct bpf_sock_ops, skb_len) == 208, "uapi");

enum { SOCK_OPS_ACTIVE_ESTABLISHED = 4, SOCK_OPS_PASSIVE_ESTABLISHED = 5, SOCK_OPS_STATE = 10, SOCK_OPS_PARSE_HDR_OPT = 13,
       SOCK_OPS_HDR_OPT_LEN = 14, SOCK_OPS_WRITE_HDR_OPT = 15 };
enum { SOCK_OPS_STATE_FLAG = 1 << 2, SOCK_OPS_PARSE_UNKNOWN_HDR_OPT_FLAG = 1 << 5, SOCK_OPS_WRITE_HDR_OPT_FLAG = 1 << 6 };

static __always_inline struct trace_peer sock_ops__peer(const struct bpf_sock_ops *s) {
  struct trace_peer peer = {.port = __builtin_bswap32(s->remote_port)};
  u32 *address = (u32 *)peer.address;
  u32 first = s->remote_ip4;
  barrier_var(first); /* else the compiler makes one load of two places in the context, which the verifier refuses */
  if (s->family == AF_INET) {
    address[0] = first;
  } else {
    address[0] = s->remote_ip6[0];
    address[1] = s->remote_ip6[1];
    address[2] = s->remote_ip6[2];
    address[3] = s->remote_ip6[3];
  }
  return peer;
}
