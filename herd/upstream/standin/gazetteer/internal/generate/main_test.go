package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// field makes one field of a message: a text where there is one, else a number.
func field(number uint64, text string, value uint64) []byte {
	if text != "" {
		return append(binary.AppendUvarint(binary.AppendUvarint(nil, number<<3|2), uint64(len(text))), text...)
	}
	return binary.AppendUvarint(binary.AppendUvarint(nil, number<<3), value)
}

// message makes a place as the package writes it; latitude and longitude are differences, zigzag-encoded.
func message(name, country, feature string, population, lon, lat uint64) []byte {
	body := slices.Concat(field(1, "", 7), field(2, name, 0), field(3, country, 0), field(4, "another name", 0),
		field(7, feature, 0), field(9, "", population), field(10, "", lon), field(11, "", lat))
	return append(binary.AppendUvarint(nil, uint64(len(body))), body...)
}

func TestReadPlaces(t *testing.T) {
	data := slices.Concat(message("Aa", "NP", "PPL", 300, 20, 7), message("Bé", "US", "PPLC", 4, 1, 2))
	got, err := readPlaces(data)
	want := []place{{"Aa", "NP", "PPL", 300, -4, 10}, {"Bé", "US", "PPLC", 4, -3, 9}}
	if err != nil || !slices.Equal(got, want) {
		t.Fatalf("%+v, %v", got, err)
	}
	refused := 0
	for cut := 1; cut < len(data); cut++ {
		if places, err := readPlaces(data[:cut]); errors.Is(err, errCorrupt) {
			refused++
		} else if err != nil || len(places) != 1 {
			t.Errorf("cut at %d: %+v, %v", cut, places, err)
		}
	}
	if refused != len(data)-2 { // one cut falls between the two messages
		t.Errorf("%d of %d cuts were refused", refused, len(data)-1)
	}
	if _, err := readPlaces([]byte{2, 1<<3 | 5, 0}); !errors.Is(err, errCorrupt) {
		t.Errorf("a wire type that the package does not write: %v", err)
	}
}

func TestReadPackage(t *testing.T) {
	pack := func(name string) string {
		data := message("Aa", "NP", "PPL", 300, 20, 7)
		var b bytes.Buffer
		packed := gzip.NewWriter(&b)
		archive := tar.NewWriter(packed)
		err := errors.Join(archive.WriteHeader(&tar.Header{Name: "package/index.js", Mode: 0o644}),
			archive.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(data))}))
		_, errData := archive.Write(data)
		file := filepath.Join(t.TempDir(), "package.tgz")
		if err := errors.Join(err, errData, archive.Close(), packed.Close(), os.WriteFile(file, b.Bytes(), 0o600)); err != nil {
			t.Fatal(err)
		}
		return file
	}
	if places, err := readPackage(pack(dataName)); err != nil || len(places) != 1 || places[0].name != "Aa" {
		t.Errorf("%+v, %v", places, err)
	}
	if _, err := readPackage(pack("package/other.pbf")); !errors.Is(err, io.EOF) || !strings.Contains(err.Error(), dataName) {
		t.Errorf("without the data: %v", err)
	}
	if err := generate(pack(dataName), filepath.Join(t.TempDir(), "out")); err == nil || !strings.Contains(err.Error(), "holds 1 usable places") {
		t.Errorf("too few places: %v", err)
	}
	if _, err := readPackage(filepath.Join(t.TempDir(), "none.tgz")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no such file: %v", err)
	}
}

func TestWrite(t *testing.T) {
	places := []place{{"Small", "NP", "PPL", 1, 2759160, 8656400}, {"Large", "US", "PPL", 9, -3406893, -11844513}, {"Ruin", "IT", "PPLH", 5, 0, 0}, {"Tab\tbed", "IT", "PPL", 5, 0, 0}}
	places = slices.DeleteFunc(places, unfit)
	slices.SortFunc(places, byPopulation)
	var outputs [2][]byte
	for i := range outputs {
		file := filepath.Join(t.TempDir(), "places.tsv.gz")
		if err := write(file, places); err != nil {
			t.Fatal(err)
		}
		var err error
		if outputs[i], err = os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(outputs[0], outputs[1]) {
		t.Error("the same places gave two different files")
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(outputs[0]))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(unpacked)
	if want := "Large\tUS\t9\t-34.0689\t-118.4451\nSmall\tNP\t1\t27.5916\t86.5640\n"; err != nil || string(text) != want {
		t.Errorf("%q, %v", text, err)
	}
}
