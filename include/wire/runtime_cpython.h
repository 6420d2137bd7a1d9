/* SPDX-License-Identifier: Apache-2.0 OR BSD-2-Clause OR GPL-2.0 */
/* What struct runtime says of a CPython process: agent/runtime/cpython.cpp finds it, bpf/core/walk_cpython.bpf.h walks by it.
 * Its version is the minor one of Python 3. Plain C. */
#ifndef SUTURE_WIRE_RUNTIME_CPYTHON_H
#define SUTURE_WIRE_RUNTIME_CPYTHON_H

enum cpython_address {
  CPYTHON_CURRENT_TASKS = 0, /* the dict _asyncio._current_tasks: event loop -> the Task that it runs */
  CPYTHON_FUNCTION_TYPE = 1, /* PyFunction_Type */
  CPYTHON_INT_TYPE = 2,      /* PyLong_Type */
  CPYTHON_GROUP_DONE = 3,    /* the function asyncio.TaskGroup._on_task_done, 0: there is none */
};

enum cpython_offset {
  CPYTHON_TSTATE = 0,         /* from the thread pointer to the address of the thread's PyThreadState */
  CPYTHON_TSTATE_CONTEXT = 1, /* PyThreadState.context */
  CPYTHON_TASK_NAME = 2,      /* TaskObj.task_name; task_context follows */
  CPYTHON_TEXT = 3,           /* the characters of an ASCII str */
  CPYTHON_CLOSURE = 4,        /* PyFunctionObject.func_closure */
  CPYTHON_WAKEUP_TASK = 5,    /* the Task in what wakes it */
  CPYTHON_STACK = 6,          /* PyThreadState.datastack_chunk, where gevent gives each greenlet a stack of its own; else 0 */
};

#endif
