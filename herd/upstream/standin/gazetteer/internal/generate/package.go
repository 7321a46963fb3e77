package main

import (
	"archive/tar"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// dataName is the file inside the npm package that holds the places.
const dataName = "package/cities.pbf"

// errCorrupt says that the package's data does not read as the protocol buffers it should be.
var errCorrupt = errors.New("the data is not a list of protocol buffer messages")

// place is one message of the package's data; coordinates are in hundred-thousandths of a degree.
type place struct {
	name, country, feature string
	population             uint64
	lat, lon               int64
}

// readPackage finds the data in the packed npm package and reads all of it.
func readPackage(name string) ([]place, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		return nil, err
	}
	for archive := tar.NewReader(unpacked); ; {
		header, err := archive.Next()
		if err != nil {
			return nil, fmt.Errorf("looking for %s: %w", dataName, err)
		}
		if header.Name != dataName {
			continue
		}
		data, err := io.ReadAll(archive)
		if err != nil {
			return nil, err
		}
		return readPlaces(data)
	}
}

// readPlaces reads messages that each follow their length. A coordinate is the difference to the previous place's,
// across the whole list, which is why no message can be read alone.
func readPlaces(data []byte) ([]place, error) {
	var places []place
	var lat, lon int64
	for len(data) > 0 {
		message, rest, err := lengthPrefixed(data)
		if err != nil {
			return nil, err
		}
		data = rest
		var p place
		for len(message) > 0 {
			if message, err = readField(message, &p, &lat, &lon); err != nil {
				return nil, fmt.Errorf("place %d: %w", len(places), err)
			}
		}
		p.lat, p.lon = lat, lon
		places = append(places, p)
	}
	return places, nil
}

// readField reads one field of a message and returns what follows it. The numbers are those of the package's own
// index.js; the two wire types it writes are a varint (0) and a text with its length (2).
func readField(message []byte, p *place, lat, lon *int64) ([]byte, error) {
	key, n := binary.Uvarint(message)
	if n <= 0 {
		return nil, errCorrupt
	}
	message = message[n:]
	number, wireType := key>>3, key&7
	switch wireType {
	case 0:
		value, n := binary.Uvarint(message)
		if n <= 0 {
			return nil, errCorrupt
		}
		switch number {
		case 9:
			p.population = value
		case 10:
			*lon += zigzag(value)
		case 11:
			*lat += zigzag(value)
		}
		return message[n:], nil
	case 2:
		text, rest, err := lengthPrefixed(message)
		if err != nil {
			return nil, err
		}
		switch number {
		case 2:
			p.name = string(text)
		case 3:
			p.country = string(text)
		case 7:
			p.feature = string(text)
		}
		return rest, nil
	}
	return nil, fmt.Errorf("field %d has wire type %d: %w", number, wireType, errCorrupt)
}

// lengthPrefixed splits data into the bytes whose length stands before them, and the rest.
func lengthPrefixed(data []byte) (text, rest []byte, err error) {
	size, n := binary.Uvarint(data)
	if n <= 0 || size > uint64(len(data)-n) {
		return nil, nil, errCorrupt
	}
	data = data[n:]
	return data[:size], data[size:], nil
}

// zigzag undoes protocol buffers' way of writing small negative numbers briefly.
func zigzag(v uint64) int64 {
	return int64(v>>1) ^ -int64(v&1)
}
