"""All code of ours inside a sandbox. It starts with `main` of `fork_server` or of `worker`.

Inside, the files lie flat in one folder on `sys.path`, so they import each other as `import wire`.
Some are imported outside too, where the same is needed: `wire` for messages, `calling` for a call.
"""
