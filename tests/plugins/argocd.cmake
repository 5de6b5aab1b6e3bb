# The provisioner `argocd` against the protocol fake, and against a real server where INNOMINATUS_TEST_ARGOCD_URL and _TOKEN name one.
foreach(kind fake real)
  set(under "")
  if(kind STREQUAL fake)
    set(under UNDER ${PYTHON3} -B ${CMAKE_SOURCE_DIR}/tests/support/argocd.py)
  endif()
  inno_test(argocd_${kind} LABEL plugins LINKS inno_plugin_rest inno_sdk inno_base inno_codec ${CMAKE_DL_LIBS} ${under}
    SOURCES test_argocd.c world.c fake_host.c)
  add_dependencies(test_argocd_${kind} plugin_argocd)
endforeach()
inno_test(argocd_objects LABEL plugins LINKS inno_plugin_rest inno_sdk inno_base inno_codec ${CMAKE_DL_LIBS}
  UNDER ${PYTHON3} -B ${CMAKE_SOURCE_DIR}/tests/support/argocd_objects.py SOURCES test_argocd_objects.c world.c fake_host.c)
add_dependencies(test_argocd_objects plugin_argocd)
