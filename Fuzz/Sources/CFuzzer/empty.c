// A target needs a source file; the library comes with -sanitize=fuzzer.
