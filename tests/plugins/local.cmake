# The bundled provisioner `local`, the renderer that plugins share, and the example that a product team builds out of the tree.
inno_test(kube_render LABEL plugins LINKS inno_plugin_kube inno_base inno_codec)
