package main

func measureAll(string) (string, error) { return "", nil }
