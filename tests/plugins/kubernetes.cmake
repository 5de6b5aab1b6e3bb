# The provisioner `kubernetes` against the fake API server, or the real one that INNOMINATUS_TEST_KUBECONFIG names.
inno_test(yaml_read LABEL plugins LINKS inno_plugin_yaml inno_plugin_kube inno_base inno_codec)
foreach(name kubernetes kubernetes_access kubernetes_steps)
  inno_test(${name} LABEL plugins LINKS inno_plugin_rest inno_sdk inno_base inno_codec ${CMAKE_DL_LIBS} ENVIRONMENT INNO_BUILD_DIR=${CMAKE_BINARY_DIR}
    UNDER ${PYTHON3} -B ${CMAKE_SOURCE_DIR}/tests/support/kube.py SOURCES test_${name}.c kube_world.c world.c fake_host.c)
  add_dependencies(test_${name} plugin_kubernetes)
endforeach()
# The real helm in the sandbox of a real host, against a real API server.
inno_test(kubernetes_helm LABEL plugins LINKS inno_plugin inno_plugin_rest inno_sdk inno_base inno_codec ${CMAKE_DL_LIBS}
  UNDER ${PYTHON3} -B ${CMAKE_SOURCE_DIR}/tests/support/kube.py SOURCES test_kubernetes_helm.c kube_world.c world.c fake_host.c plugin_driver.c)
target_compile_definitions(test_kubernetes_helm PRIVATE PLUGIN_DIR="${CMAKE_BINARY_DIR}/lib/innominatus/plugins" PLUGIN_HOST="$<TARGET_FILE:plugin-host>")
add_dependencies(test_kubernetes_helm plugin_kubernetes plugin-host)
