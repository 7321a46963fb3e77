package herd

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrBadDuration says that a text is not a length of time.
var ErrBadDuration = errors.New("not a length of time; write a number and a unit, such as 200ms, 5s or 5m")

// Duration is a length of time that reads and writes itself as people write it:
// "5s", "200ms", "1h30m".
type Duration time.Duration

// UnmarshalText reads a text such as "5s". The error wraps ErrBadDuration and
// quotes the text; d is then unchanged.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("%q: %w", text, ErrBadDuration)
	}
	*d = Duration(v)
	return nil
}

// MarshalText writes the text that String returns. It returns no error.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// String returns the shortest usual form: "5m" where time.Duration says "5m0s".
func (d Duration) String() string {
	s := time.Duration(d).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// wholeSeconds returns d in seconds, and whether d is a whole number of them.
func (d Duration) wholeSeconds() (int64, bool) {
	return int64(time.Duration(d) / time.Second), time.Duration(d)%time.Second == 0
}
