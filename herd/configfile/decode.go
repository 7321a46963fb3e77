package configfile

import (
	"bytes"
	"encoding"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	jsoniter "github.com/json-iterator/go"
)

// decoder fills a struct from JSON, more strictly than json-iterator's own
// decoder, which ignores case, takes the last of two equal keys, and stops
// reading at the end of the first value. json-iterator parses; what may stand
// where is decided here.
type decoder struct {
	data []byte
	fed  int  // bytes of data that the iterator has been given
	end  bool // it has asked for more than there is
	iter *jsoniter.Iterator
}

// decode reads data into the struct that target points to; what data does not
// mention stays. The error is a *PlaceError.
func decode(data []byte, target any) error {
	d := &decoder{data: data}
	if at := invalidUTF8(data); at >= 0 {
		return d.wrong(at, "", ErrSyntax, "a byte here is not UTF-8; save the file as UTF-8")
	}
	d.iter = jsoniter.Parse(jsoniter.ConfigCompatibleWithStandardLibrary, d, 1)
	if err := d.value("", reflect.ValueOf(target).Elem()); err != nil {
		return err
	}
	for at := d.fed; at < len(data); at++ {
		if bytes.IndexByte([]byte(" \t\r\n"), data[at]) < 0 {
			return d.wrong(at, "", ErrTrailing, "remove it")
		}
	}
	return nil
}

// Read feeds the iterator one byte at a time. It does not say where it stands,
// and so what it has been given does: its next byte is the last one given, or
// the one after.
func (d *decoder) Read(p []byte) (int, error) {
	if d.iter.Error != nil {
		// It asks on for a while after a mistake; the place is that of the mistake.
		return 0, io.EOF
	}
	if d.fed == len(d.data) {
		d.end = true
		return 0, io.EOF
	}
	p[0] = d.data[d.fed]
	d.fed++
	return 1, nil
}

// value reads the next value into v.
func (d *decoder) value(path string, v reflect.Value) error {
	found := d.iter.WhatIsNext()
	start := d.fed - 1
	if d.iter.Error != nil || found == jsoniter.InvalidValue {
		return d.syntax(path)
	}
	want, kind := wanted(v)
	if found != want {
		return d.wrong(start, path, ErrWrongType, "this is %s; give %s", typeWords[found], kind)
	}
	var err error
	switch {
	case want == jsoniter.ObjectValue:
		err = d.object(path, v)
	case want == jsoniter.ArrayValue:
		err = d.array(path, v)
	case want == jsoniter.BoolValue:
		v.SetBool(d.iter.ReadBool())
	case want == jsoniter.NumberValue:
		err = d.number(start, path, v)
	default:
		err = d.text(start, path, v)
	}
	if err == nil && d.iter.Error != nil {
		err = d.syntax(path)
	}
	return err
}

// object reads a struct.
func (d *decoder) object(path string, v reflect.Value) (err error) {
	seen := make(map[string]bool)
	d.iter.ReadObjectCB(func(_ *jsoniter.Iterator, key string) bool {
		if d.iter.Error != nil {
			return false // something that is no key stands where one should
		}
		at := d.keyStart()
		full := join(path, key)
		field := fieldByKey(v, key)
		switch {
		case !field.IsValid():
			err = d.wrong(at, full, ErrUnknownKey, "%s", suggest(key, keys(v.Type())))
		case seen[key]:
			err = d.wrong(at, full, ErrDuplicateKey, "remove one of them")
		default:
			seen[key] = true
			err = d.value(full, field)
		}
		return err == nil
	})
	return err
}

// keyStart is where the key begins whose colon the iterator has just read.
func (d *decoder) keyStart() int {
	at := bytes.LastIndexByte(d.data[:d.fed], '"')
	for {
		at = bytes.LastIndexByte(d.data[:at], '"')
		slashes := at
		for slashes > 0 && d.data[slashes-1] == '\\' {
			slashes--
		}
		if (at-slashes)%2 == 0 {
			return at
		}
	}
}

// array reads a slice as a whole: nothing of the old one stays.
func (d *decoder) array(path string, v reflect.Value) (err error) {
	list := reflect.MakeSlice(v.Type(), 0, 0)
	d.iter.ReadArrayCB(func(*jsoniter.Iterator) bool {
		element := reflect.New(v.Type().Elem()).Elem()
		err = d.value(path+"["+strconv.Itoa(list.Len())+"]", element)
		list = reflect.Append(list, element)
		return err == nil
	})
	v.Set(list)
	return err
}

// number reads a whole number. json-iterator takes forms that JSON has not, such
// as 007, and so the text is looked at.
func (d *decoder) number(start int, path string, v reflect.Value) error {
	text := string(d.iter.ReadNumber())
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err == nil && strconv.FormatInt(n, 10) == text && !v.OverflowInt(n):
		v.SetInt(n)
		return nil
	case errors.Is(err, strconv.ErrRange) || err == nil && v.OverflowInt(n):
		return d.wrong(start, path, ErrWrongType, "%s is too large a number", text)
	}
	return d.wrong(start, path, ErrWrongType, "%s is not a whole number in digits", text)
}

// text reads a string, or what is written as one.
func (d *decoder) text(start int, path string, v reflect.Value) error {
	text := d.iter.ReadString()
	if d.iter.Error != nil {
		return d.syntax(path)
	}
	for at := start; at < d.fed; at++ {
		if d.data[at] < ' ' {
			// Passed by json-iterator; mostly a quote that was forgotten.
			return d.wrong(at, path, ErrSyntax, "a line end or control character inside a text; is a quote missing?")
		}
	}
	if into, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		if err := into.UnmarshalText([]byte(text)); err != nil {
			line, column := d.place(start)
			return &PlaceError{line, column, path, fmt.Errorf("%w: %w", ErrWrongType, err)}
		}
		return nil
	}
	v.SetString(text)
	return nil
}

// syntax says where the iterator gave up.
func (d *decoder) syntax(path string) error {
	if d.end {
		return d.wrong(len(d.data), path, ErrSyntax, "the file ends too early; is a bracket or a quote missing?")
	}
	return d.wrong(d.fed-1, path, ErrSyntax, "%q does not fit here; is a comma, a quote or a bracket missing, or one too many?", d.data[d.fed-1])
}

// wrong builds the error for what is wrong at the byte with offset at.
func (d *decoder) wrong(at int, path string, kind error, format string, args ...any) error {
	line, column := d.place(at)
	return &PlaceError{line, column, path, fmt.Errorf("%w: "+format, append([]any{kind}, args...)...)}
}

func (d *decoder) place(at int) (line, column int) {
	before := string(d.data[:at])
	return 1 + strings.Count(before, "\n"), at - strings.LastIndexByte(before, '\n')
}

func invalidUTF8(data []byte) int {
	for at := 0; at < len(data); {
		r, size := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && size == 1 {
			return at
		}
		at += size
	}
	return -1
}
