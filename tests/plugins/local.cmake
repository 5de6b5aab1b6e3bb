# The bundled provisioner `local`, the renderer that plugins share, and the example that a product team builds out of the tree.
inno_test(kube_render LABEL plugins LINKS inno_plugin_kube inno_base inno_codec)
foreach(name local_plugin local_database)
  inno_test(${name} LABEL plugins LINKS inno_sdk inno_base inno_codec lib::sqlite ${CMAKE_DL_LIBS} SOURCES test_${name}.c fake_host.c)
  add_dependencies(test_${name} plugin_local)
endforeach()
