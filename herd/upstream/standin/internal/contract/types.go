package contract

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// types are the names that a list of fields may use, and what each lets pass. Values are as encoding/json has them with
// UseNumber.
var types = map[string]func(value any) bool{
	"null":    func(value any) bool { return value == nil },
	"object":  is[map[string]any],
	"list":    is[[]any],
	"text":    is[string],
	"boolean": is[bool],
	"number":  is[json.Number],
	"any":     func(any) bool { return true }, // with whatever it holds

	"integer": func(value any) bool {
		n, ok := value.(json.Number)
		return ok && isDigits(strings.TrimPrefix(string(n), "-"))
	},
	"digits":    text(isDigits), // a number too long for some readers
	"empty":     text(func(s string) bool { return s == "" }),
	"latitude":  upTo(90),
	"longitude": upTo(180),
	"metres":    upTo(20_100_000), // no two points of the earth are further apart

	"url":      text(isURL),
	"rfc2822":  text(isTime(time.RFC1123Z)),
	"rubydate": text(isTime(time.RubyDate)),
	"iso8601":  text(isTime(time.RFC3339)),
}

// is tells whether a value has a type of Go's.
func is[T any](value any) bool {
	_, ok := value.(T)
	return ok
}

// text makes a type of a condition on strings.
func text(holds func(string) bool) func(any) bool {
	return func(value any) bool {
		s, ok := value.(string)
		return ok && holds(s)
	}
}

// upTo makes a type of numbers that are no further from 0 than most.
func upTo(most float64) func(any) bool {
	return func(value any) bool {
		n, ok := value.(json.Number)
		f, err := strconv.ParseFloat(string(n), 64)
		return ok && err == nil && -most <= f && f <= most
	}
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

func isURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

func isTime(layout string) func(string) bool {
	return func(s string) bool {
		_, err := time.Parse(layout, s)
		return err == nil
	}
}
