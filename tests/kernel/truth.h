#pragma once
// Truth: what was sent, against what the events say.

#include <string>
#include <vector>

#include "events.h"

namespace suture::kernel_test {

struct Message {
  std::string head, body;
};

/// A request (or response) head of exactly `size` bytes, at least 32.
std::string request_head(std::size_t size);
std::string response_head(std::size_t size);

std::string text_of(const std::vector<Message>& messages);

/// All bytes that `end` shows of `direction` are those of `sent` at their places, every head is there whole, the first
/// begins with DATA_START (unless it came in tiny pieces), and nothing else does than heads.
void expect_heads(const End* end, event_direction direction, const std::vector<Message>& sent);

/// The same for both ends: the requests as the client wrote and the server read them, and the responses.
void expect_exchange(const Events& events, const std::vector<Message>& requests, const std::vector<Message>& responses);

}  // namespace suture::kernel_test
