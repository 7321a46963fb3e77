package herd

import (
	"slices"
	"strings"
	"time"
)

// sinkSchemes are how the addresses of the kinds may begin; the first is the usual.
var sinkSchemes = map[string][]string{
	SinkRedis:    {"redis://", "rediss://"},
	SinkPostgres: {"postgres://", "postgresql://"},
}

// SinkOf returns whether the named server writes to the sink.
func (c *Config) SinkOf(name string) bool {
	return c.Sink.Kind != "" && (len(c.Sink.Servers) == 0 || slices.Contains(c.Sink.Servers, name))
}

func (c *Config) checkSink() []error {
	s := &c.Sink
	errs := []error{
		s.checkKind(),
		s.checkURL(),
		checkVariable("sink.password_env", s.PasswordEnv),
		s.checkPasswordFile(),
	}
	for _, name := range s.Servers {
		if _, found := c.Server(name); !found {
			errs = append(errs, fieldError("sink.servers", ErrUnknownName, "%q is not in the herd; mend the name or leave it out", name))
		}
	}
	return append(errs,
		checkRange("sink.batch", int64(s.Batch), 1, 10_000),
		checkDuration("sink.interval", s.Interval, Duration(time.Millisecond), Duration(time.Minute)),
		checkRange("sink.bound", s.Bound, 64<<10, maxPlaces*unitSize),
		s.checkUse("sink.load", s.Load),
		s.checkUse("sink.fallback", s.Fallback),
	)
}

func (s *Sink) checkKind() error {
	const path = "sink.kind"
	if s.Kind != "" {
		return checkOneOf(path, s.Kind, SinkKinds)
	}
	if s.URL != "" {
		return fieldError(path, ErrMissing, "sink.url names a database; write what it is, one of %s", strings.Join(SinkKinds, ", "))
	}
	return nil
}

// checkURL asks only for what is certainly needed; the rest is for whoever opens the
// address. It is not repeated: a password may stand in it.
func (s *Sink) checkURL() error {
	const path = "sink.url"
	schemes := sinkSchemes[s.Kind]
	if schemes == nil {
		return nil // there is no sink, or its kind is wrong
	}
	usual := schemes[0] + "127.0.0.1/"
	if s.URL == "" {
		return fieldError(path, ErrMissing, "write where the database is, such as %s", usual)
	}
	for _, scheme := range schemes {
		rest, ok := strings.CutPrefix(s.URL, scheme)
		if !ok || hasSpaceOrControl(s.URL) {
			continue
		}
		end := strings.IndexAny(rest, "/?#")
		if end < 0 {
			end = len(rest)
		}
		user, _, named := cutLast(rest[:end], "@")
		if named && strings.Contains(user, ":") || strings.Contains(rest[end:], "password=") {
			return fieldError(path, ErrNotTogether, "a password must not stand in a setting; leave it out, and name its variable in sink.password_env or its file in sink.password_file")
		}
		return nil
	}
	return fieldError(path, ErrBadURL, "the address of a sink of the kind %q begins with %s; write for example %s", s.Kind, strings.Join(schemes, " or "), usual)
}

// cutLast is strings.Cut at the last place of sep: a user's name may have an "@".
func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

func (s *Sink) checkPasswordFile() error {
	if s.PasswordFile != "" && s.PasswordEnv != "" {
		return fieldError("sink.password_file", ErrNotTogether, "there is one password, and sink.password_env names it too; remove one of them")
	}
	return nil
}

// checkUse refuses what asks for a sink that there is not.
func (s *Sink) checkUse(path string, wanted bool) error {
	if wanted && s.Kind == "" {
		return fieldError(path, ErrNotTogether, "there is no sink to take it from; name one in sink.kind, or write false")
	}
	return nil
}
