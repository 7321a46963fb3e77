package configfile

import (
	"encoding"
	"fmt"
	"reflect"

	jsoniter "github.com/json-iterator/go"

	"proxyherd/herd"
)

// typeWords say what a JSON value is.
var typeWords = map[jsoniter.ValueType]string{
	jsoniter.StringValue: "a text",
	jsoniter.NumberValue: "a number",
	jsoniter.NilValue:    "null",
	jsoniter.BoolValue:   "true or false",
	jsoniter.ArrayValue:  "a list",
	jsoniter.ObjectValue: "an object",
}

// wanted is which JSON value a setting takes, and in words.
func wanted(v reflect.Value) (jsoniter.ValueType, string) {
	switch v.Addr().Interface().(type) {
	case *herd.Duration:
		return jsoniter.StringValue, `a duration, such as "5s"`
	case encoding.TextUnmarshaler:
		return jsoniter.StringValue, "a text"
	}
	switch v.Kind() {
	case reflect.Struct:
		return jsoniter.ObjectValue, "an object in braces"
	case reflect.Slice:
		switch v.Type().Elem().Kind() {
		case reflect.Struct:
			return jsoniter.ArrayValue, "a list of objects"
		case reflect.Int:
			return jsoniter.ArrayValue, "a list of whole numbers"
		}
		return jsoniter.ArrayValue, "a list of texts"
	case reflect.Bool:
		return jsoniter.BoolValue, "true or false"
	case reflect.Int, reflect.Int64:
		return jsoniter.NumberValue, "a whole number"
	case reflect.String:
		return jsoniter.StringValue, "a text in quotes"
	}
	// A new kind of setting without a way to read it is a mistake in the program;
	// Describe runs through every setting in a test, and so finds it.
	panic(fmt.Sprintf("configfile: a setting has the type %s, which no JSON value is read into", v.Type()))
}

// keys are a struct's keys in the order of its fields.
func keys(t reflect.Type) []string {
	all := make([]string, t.NumField())
	for i := range all {
		all[i] = t.Field(i).Tag.Get("json")
	}
	return all
}

// fieldByKey is the field with exactly that key; not valid if there is none.
func fieldByKey(v reflect.Value, key string) reflect.Value {
	for i, k := range keys(v.Type()) {
		if k == key {
			return v.Field(i)
		}
	}
	return reflect.Value{}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
