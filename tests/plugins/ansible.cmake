# The plugin `ansible` in its sandbox, with the real ansible-playbook (Debian's ansible-core), where there is one.
inno_test(ansible LABEL plugins LINKS inno_plugin SOURCES test_ansible.c plugin_driver.c)
target_compile_definitions(test_ansible PRIVATE PLUGIN_DIR="${CMAKE_BINARY_DIR}/lib/innominatus/plugins" PLUGIN_HOST="$<TARGET_FILE:plugin-host>")
add_dependencies(test_ansible plugin_ansible plugin-host)
# The same over SSH, where openssh-server is installed.
inno_test(ansible_ssh LABEL plugins LINKS inno_plugin UNDER ${PYTHON3} -B ${CMAKE_SOURCE_DIR}/tests/support/sshd.py SOURCES test_ansible_ssh.c plugin_driver.c)
target_compile_definitions(test_ansible_ssh PRIVATE PLUGIN_DIR="${CMAKE_BINARY_DIR}/lib/innominatus/plugins" PLUGIN_HOST="$<TARGET_FILE:plugin-host>")
add_dependencies(test_ansible_ssh plugin_ansible plugin-host)
