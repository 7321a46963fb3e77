package configfile

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	jsoniter "github.com/json-iterator/go"

	"proxyherd/herd"
)

// ErrNoSuchPlace is a key that names a member that a list does not have.
var ErrNoSuchPlace = errors.New("the list has no such member")

// Override is a setting that is given outside the file.
type Override struct {
	// Key is the setting's path as Describe tells it, with a number for a place
	// in a list: limits.connections, servers[0].clients.
	Key string
	// Value is what the file would say, a text without its quotes. A list of texts
	// is separated by white space, which no name has in it; any list may also be
	// written as JSON.
	Value string
	// From is who says so, for messages: HERD_LIMITS_CONNECTIONS, or a flag.
	From string
}

// String is the setting as a command line has it.
func (o Override) String() string { return o.Key + "=" + o.Value }

// applyLayer puts settings that were given in one place over those below it. The
// error joins one for each that cannot be taken.
func applyLayer(cfg *herd.Config, layer []Override) error {
	var errs []error
	kind, address := cfg.Upstream.Kind, false
	for _, o := range layer {
		if err := o.apply(cfg); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", o.From, err))
		}
		address = address || o.Key == "upstream.url"
	}
	// An address is that of its kind: a place that names another kind and no
	// address means the kind's own, as a file does.
	if cfg.Upstream.Kind != kind && !address {
		cfg.Upstream.URL = ""
	}
	return errors.Join(errs...)
}

// apply sets the one setting.
func (o Override) apply(cfg *herd.Config) error {
	v, err := locate(reflect.ValueOf(cfg).Elem(), o.Key)
	if err != nil {
		return fmt.Errorf("%s: %w", o.Key, err)
	}
	text, err := asJSON(v, o.Value)
	if err == nil {
		// A number's end shows only by what comes after it.
		err = decode(append(text, '\n'), v.Addr().Interface())
	}
	if place, found := errors.AsType[*PlaceError](err); found {
		// Lines and columns are those of a file, and here is none.
		return fmt.Errorf("%s: %w", within(o.Key, place.Key), place.Err)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", o.Key, err)
	}
	return nil
}

// within is a path below a key.
func within(key, path string) string {
	if strings.HasPrefix(path, "[") {
		return key + path
	}
	return strings.TrimSuffix(join(key, path), ".")
}

// locate finds the setting at a path. The error wraps ErrUnknownKey or
// ErrNoSuchPlace.
func locate(v reflect.Value, path string) (reflect.Value, error) {
	for part := range strings.SplitSeq(path, ".") {
		name, place, inList := strings.Cut(part, "[")
		if v.Kind() != reflect.Struct {
			return v, fmt.Errorf("%w: there is nothing below what stands before %s", ErrUnknownKey, part)
		}
		field := fieldByKey(v, name)
		if !field.IsValid() {
			return v, fmt.Errorf("%w: %s", ErrUnknownKey, suggest(name, keys(v.Type())))
		}
		v = field
		if !inList {
			continue
		}
		n, err := strconv.Atoi(strings.TrimSuffix(place, "]"))
		if err != nil || v.Kind() != reflect.Slice || !strings.HasSuffix(place, "]") {
			return v, fmt.Errorf("%w: %s is no place in a list; write for example servers[0].clients", ErrUnknownKey, part)
		}
		if n < 0 || n >= v.Len() {
			return v, fmt.Errorf("%w: %s has %d, counted from 0", ErrNoSuchPlace, name, v.Len())
		}
		v = v.Index(n)
	}
	return v, nil
}

// asJSON writes a value as the file would have it. The error wraps ErrWrongType.
func asJSON(v reflect.Value, value string) ([]byte, error) {
	want, kind := wanted(v)
	wrong := fmt.Errorf("%w: this is %q; give %s", ErrWrongType, value, kind)
	switch {
	case !utf8.ValidString(value):
		return nil, wrong
	case want == jsoniter.StringValue:
		return plainJSON.Marshal(value)
	case want == jsoniter.BoolValue && value != "true" && value != "false",
		want == jsoniter.NumberValue && (value == "" || strings.Trim(value, "-.0123456789") != ""):
		// What is no JSON at all would be taken for a slip in writing JSON.
		return nil, wrong
	case want == jsoniter.ArrayValue && v.Type().Elem().Kind() == reflect.String && !strings.HasPrefix(value, "["):
		return plainJSON.Marshal(append([]string{}, strings.Fields(value)...))
	case want == jsoniter.ArrayValue && v.Type().Elem().Kind() == reflect.Int && strings.Trim(value, " 0123456789") == "":
		return []byte("[" + strings.Join(strings.Fields(value), ",") + "]"), nil
	}
	return []byte(value), nil
}

// culprits tells which of the settings that err complains of were given outside
// the file: there they are to be mended. It is nil if none was.
func culprits(err error, layers [][]Override) error {
	wrong := wrongPaths(err)
	var errs []error
	for _, o := range slices.Concat(layers...) {
		if slices.ContainsFunc(wrong, func(path string) bool { return path == o.Key || strings.HasPrefix(path, o.Key+"[") }) {
			errs = append(errs, fmt.Errorf("%s comes from %s", o.Key, o.From))
		}
	}
	return errors.Join(errs...)
}

// wrongPaths are the paths of all FieldErrors in err.
func wrongPaths(err error) []string {
	if field, is := err.(*herd.FieldError); is {
		return []string{field.Path}
	}
	var list []string
	switch e := err.(type) {
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			list = append(list, wrongPaths(inner)...)
		}
	case interface{ Unwrap() error }:
		list = wrongPaths(e.Unwrap())
	}
	return list
}
