# make install PREFIX=/usr/local [DESTDIR=/tmp/x]: executables, data, man pages,
# completion and schemas.

.PHONY: install
install: all man completion
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(BINS) $(DESTDIR)$(PREFIX)/bin
	for d in kernels devices runtime; do \
		(cd lib && find $$d -type f ! -name '*.tmp') | while read -r f; do \
			install -D -m 644 lib/$$f \
				$(DESTDIR)$(PREFIX)/share/tamp/$$f || exit 1; \
		done || exit 1; done
	install -d $(DESTDIR)$(PREFIX)/share/tamp/schemas
	install -m 644 schemas/*.schema.yaml $(DESTDIR)$(PREFIX)/share/tamp/schemas
	for p in $(MAN1) $(MAN5) $(MAN7); do \
		install -D -m 644 $$p \
			$(DESTDIR)$(PREFIX)/share/man/man$${p##*.}/$${p##*/} || exit 1; \
	done
	install -D -m 644 $(COMPLETION) \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/tamp
	for t in $(TOOLS); do \
		ln -sf tamp $(DESTDIR)$(PREFIX)/share/bash-completion/completions/tamp-$$t; \
	done
