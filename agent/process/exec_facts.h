#pragma once
// What the kernel's exec event says of a process, for those that are gone before /proc is read.

#include "process/process_facts.h"
#include "wire/event.h"

namespace suture {

/// The lengths in the event are not trusted. The executable of a script is its interpreter. A relative path stays one.
ProcessFacts facts_of_exec(const event_exec& event);

}  // namespace suture
