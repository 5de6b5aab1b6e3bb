/* The layout of ABI 1.0, written down member by member: frozen. A change here is a break, and not a change of this file; what a later 1.x
 * appends to a struct's tail is added below with its "since". Included by provisioner.h. */
#ifndef INNOMINATUS_LAYOUT_H
#define INNOMINATUS_LAYOUT_H

#include <innominatus/provisioner.h>

#define INNO_LAYOUT_(name, condition)       typedef char inno_layout_##name[(condition) ? 1 : -1]
#define INNO_MEMBER_(type, member, offset_) INNO_LAYOUT_(type##_##member, offsetof(type, member) == (offset_))
#define INNO_LEAST_(type, bytes)            INNO_LAYOUT_(type##_sizeof, sizeof(type) >= (bytes)) /* structs grow at the tail only */

#if UINTPTR_MAX == UINT64_MAX
INNO_LAYOUT_(inno_rc_sizeof, sizeof(inno_rc) == 4);

INNO_MEMBER_(inno_span, bytes, 0);
INNO_MEMBER_(inno_span, len, 8);
INNO_LAYOUT_(inno_span_sizeof, sizeof(inno_span) == 16);

INNO_MEMBER_(inno_exec, struct_size, 0);
INNO_MEMBER_(inno_exec, flags, 4);
INNO_MEMBER_(inno_exec, argv, 8);
INNO_MEMBER_(inno_exec, env, 16);
INNO_MEMBER_(inno_exec, cwd, 24);
INNO_MEMBER_(inno_exec, input, 32);
INNO_MEMBER_(inno_exec, timeout_ms, 48);
INNO_MEMBER_(inno_exec, max_output_bytes, 56);
INNO_MEMBER_(inno_exec, grace_ms, 64);
INNO_MEMBER_(inno_exec, on_line, 72);
INNO_MEMBER_(inno_exec, ctx, 80);
INNO_LEAST_(inno_exec, 88);

INNO_MEMBER_(inno_exec_result, struct_size, 0);
INNO_MEMBER_(inno_exec_result, exit_code, 4);
INNO_MEMBER_(inno_exec_result, signal, 8);
INNO_MEMBER_(inno_exec_result, truncated, 12);
INNO_MEMBER_(inno_exec_result, out, 16);
INNO_MEMBER_(inno_exec_result, err, 32);
INNO_LEAST_(inno_exec_result, 48);

INNO_MEMBER_(inno_host, struct_size, 0);
INNO_MEMBER_(inno_host, abi_major, 4);
INNO_MEMBER_(inno_host, abi_minor, 6);
INNO_MEMBER_(inno_host, magic, 8);
INNO_MEMBER_(inno_host, log, 16);
INNO_MEMBER_(inno_host, progress, 24);
INNO_MEMBER_(inno_host, output, 32);
INNO_MEMBER_(inno_host, output_json, 40);
INNO_MEMBER_(inno_host, secret_output, 48);
INNO_MEMBER_(inno_host, hint, 56);
INNO_MEMBER_(inno_host, status, 64);
INNO_MEMBER_(inno_host, state, 72);
INNO_MEMBER_(inno_host, canceled, 80);
INNO_MEMBER_(inno_host, cancel_fd, 88);
INNO_MEMBER_(inno_host, deadline_ms, 96);
INNO_MEMBER_(inno_host, poll_after, 104);
INNO_MEMBER_(inno_host, work_dir, 112);
INNO_MEMBER_(inno_host, data_dir, 120);
INNO_MEMBER_(inno_host, trace_id, 128);
INNO_MEMBER_(inno_host, fail, 136);
INNO_MEMBER_(inno_host, alloc, 144);
INNO_MEMBER_(inno_host, secret, 152);
INNO_MEMBER_(inno_host, exec, 160);
INNO_LEAST_(inno_host, 168);

INNO_MEMBER_(inno_resource, struct_size, 0);
INNO_MEMBER_(inno_resource, operation, 4);
INNO_MEMBER_(inno_resource, id, 8);
INNO_MEMBER_(inno_resource, uid, 16);
INNO_MEMBER_(inno_resource, type, 24);
INNO_MEMBER_(inno_resource, class_name, 32);
INNO_MEMBER_(inno_resource, name, 40);
INNO_MEMBER_(inno_resource, application, 48);
INNO_MEMBER_(inno_resource, environment, 56);
INNO_MEMBER_(inno_resource, environment_type, 64);
INNO_MEMBER_(inno_resource, team, 72);
INNO_MEMBER_(inno_resource, product, 80);
INNO_MEMBER_(inno_resource, org, 88);
INNO_MEMBER_(inno_resource, generation, 96);
INNO_MEMBER_(inno_resource, idempotency_key, 104);
INNO_MEMBER_(inno_resource, params, 112);
INNO_MEMBER_(inno_resource, prior_params, 128);
INNO_MEMBER_(inno_resource, state, 144);
INNO_MEMBER_(inno_resource, outputs, 160);
INNO_MEMBER_(inno_resource, host, 176);
INNO_MEMBER_(inno_resource, call, 184);
INNO_LEAST_(inno_resource, 192);

INNO_MEMBER_(inno_step, struct_size, 0);
INNO_MEMBER_(inno_step, attempt, 4);
INNO_MEMBER_(inno_step, type, 8);
INNO_MEMBER_(inno_step, name, 16);
INNO_MEMBER_(inno_step, workflow, 24);
INNO_MEMBER_(inno_step, application, 32);
INNO_MEMBER_(inno_step, environment, 40);
INNO_MEMBER_(inno_step, environment_type, 48);
INNO_MEMBER_(inno_step, team, 56);
INNO_MEMBER_(inno_step, product, 64);
INNO_MEMBER_(inno_step, idempotency_key, 72);
INNO_MEMBER_(inno_step, config, 80);
INNO_MEMBER_(inno_step, env, 96);
INNO_MEMBER_(inno_step, state, 112);
INNO_MEMBER_(inno_step, host, 128);
INNO_MEMBER_(inno_step, call, 136);
INNO_LEAST_(inno_step, 144);

INNO_MEMBER_(inno_action, struct_size, 0);
INNO_MEMBER_(inno_action, flags, 4);
INNO_MEMBER_(inno_action, name, 8);
INNO_MEMBER_(inno_action, description, 16);
INNO_MEMBER_(inno_action, signature, 24);
INNO_MEMBER_(inno_action, params, 32);
INNO_MEMBER_(inno_action, function, 40);
INNO_LEAST_(inno_action, 48);

INNO_MEMBER_(inno_provisioner, struct_size, 0);
INNO_MEMBER_(inno_provisioner, abi_major, 4);
INNO_MEMBER_(inno_provisioner, abi_minor, 6);
INNO_MEMBER_(inno_provisioner, magic, 8);
INNO_MEMBER_(inno_provisioner, slots, 16);
INNO_MEMBER_(inno_provisioner, name, 24);
INNO_MEMBER_(inno_provisioner, version, 32);
INNO_MEMBER_(inno_provisioner, types, 40);
INNO_MEMBER_(inno_provisioner, open, 48);
INNO_MEMBER_(inno_provisioner, close, 56);
INNO_MEMBER_(inno_provisioner, provision, 64);
INNO_MEMBER_(inno_provisioner, deprovision, 72);
INNO_MEMBER_(inno_provisioner, get_status, 80);
INNO_MEMBER_(inno_provisioner, get_hints, 88);
INNO_MEMBER_(inno_provisioner, plan, 96);
INNO_MEMBER_(inno_provisioner, health, 104);
INNO_MEMBER_(inno_provisioner, step, 112);
INNO_MEMBER_(inno_provisioner, actions, 120);
INNO_LEAST_(inno_provisioner, 128);
#endif

#endif
