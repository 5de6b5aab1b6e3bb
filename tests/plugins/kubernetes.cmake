# The provisioner `kubernetes` against the fake API server, or the real one that INNOMINATUS_TEST_KUBECONFIG names.
inno_test(yaml_read LABEL plugins LINKS inno_plugin_yaml inno_plugin_kube inno_base inno_codec)
foreach(name kubernetes kubernetes_access kubernetes_steps)
  inno_test(${name} LABEL plugins LINKS inno_plugin_rest inno_sdk inno_base inno_codec ${CMAKE_DL_LIBS} ENVIRONMENT INNO_BUILD_DIR=${CMAKE_BINARY_DIR}
    UNDER ${PYTHON3} -B ${CMAKE_SOURCE_DIR}/tests/support/kube.py SOURCES test_${name}.c kube_world.c world.c fake_host.c)
  add_dependencies(test_${name} plugin_kubernetes)
endforeach()
# In the sandbox of a real host, against a real API server: helm; logs and commands of pods, and credentials that the server gives.
foreach(name kubernetes_helm kubernetes_real)
  inno_test(${name} LABEL plugins LINKS inno_plugin inno_plugin_rest inno_sdk inno_base inno_codec ${CMAKE_DL_LIBS}
    UNDER ${PYTHON3} -B ${CMAKE_SOURCE_DIR}/tests/support/kube.py SOURCES test_${name}.c kube_world.c world.c fake_host.c plugin_driver.c)
  target_compile_definitions(test_${name} PRIVATE PLUGIN_DIR="${CMAKE_BINARY_DIR}/lib/innominatus/plugins" PLUGIN_HOST="$<TARGET_FILE:plugin-host>")
  add_dependencies(test_${name} plugin_kubernetes plugin-host)
endforeach()
# As in a pod, with the fake or the real server.
inno_test(kubernetes_pod LABEL plugins LINKS inno_plugin inno_plugin_rest inno_sdk inno_base inno_codec ${CMAKE_DL_LIBS}
  UNDER ${PYTHON3} -B ${CMAKE_SOURCE_DIR}/tests/support/kube.py ${PYTHON3} -B ${CMAKE_SOURCE_DIR}/tests/support/pod.py
  SOURCES test_kubernetes_pod.c kube_world.c world.c fake_host.c plugin_driver.c)
target_compile_definitions(test_kubernetes_pod PRIVATE PLUGIN_DIR="${CMAKE_BINARY_DIR}/lib/innominatus/plugins" PLUGIN_HOST="$<TARGET_FILE:plugin-host>")
add_dependencies(test_kubernetes_pod plugin_kubernetes plugin-host)
