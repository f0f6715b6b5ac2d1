package jinja

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// versionTest compares versions.
func versionTest(r *run, v any, a args) (any, error) {
	left, err := r.text(v)
	if err != nil {
		return nil, err
	}
	right, err := a.string(r, 0)
	if err != nil {
		return nil, err
	}
	if left == "" || right == "" {
		return nil, errors.New("a version is empty")
	}
	operator, err := a.string(r, 1)
	if err != nil {
		return nil, err
	}
	holds, ok := versionOperators()[operator]
	if !ok {
		return nil, fmt.Errorf("there is no operator %q; there are ==, !=, <, <=, > and >=", operator)
	}
	kind := "loose"
	strict, err := a.bool(2)
	if err != nil {
		return nil, err
	}
	if strict {
		kind = "strict"
	}
	if a.values[3] != nil {
		if a.values[2] != nil {
			return nil, errors.New("strict and version_type go not together")
		}
		if kind, err = a.string(r, 3); err != nil {
			return nil, err
		}
	}
	order, err := compareVersions(kind, left, right)
	if err != nil {
		return nil, err
	}
	return holds(order), nil
}

func versionOperators() map[string]func(int) bool {
	eq, ne := func(o int) bool { return o == 0 }, func(o int) bool { return o != 0 }
	lt, le := func(o int) bool { return o < 0 }, func(o int) bool { return o <= 0 }
	gt, ge := func(o int) bool { return o > 0 }, func(o int) bool { return o >= 0 }
	return map[string]func(int) bool{
		"==": eq, "=": eq, "eq": eq, "!=": ne, "<>": ne, "ne": ne, "<": lt, "lt": lt, "<=": le, "le": le, ">": gt, "gt": gt, ">=": ge, "ge": ge,
	}
}

func compareVersions(kind, a, b string) (int, error) {
	switch kind {
	case "loose":
		return compareLoose(a, b)
	case "strict":
		return compareStrict(a, b)
	case "semver", "semantic":
		return compareSemantic(a, b)
	}
	return 0, fmt.Errorf("there is no version_type %q here; there are loose, strict and semver", kind)
}

var (
	looseParts   = regexp.MustCompile(`\d+|[a-z]+|\.|[^\da-z.]+`)
	strictForm   = regexp.MustCompile(`^(\d+)\.(\d+)(?:\.(\d+))?(?:([ab])(\d+))?$`)
	semanticForm = regexp.MustCompile(`^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]+)?$`)
)

// compareLoose compares numbers as numbers and what is between as text. A
// number can't be compared with text, which is an error in Ansible too.
func compareLoose(a, b string) (int, error) {
	left, right := looseVersion(a), looseVersion(b)
	for i := range min(len(left), len(right)) {
		x, xIsNumber := versionNumber(left[i])
		y, yIsNumber := versionNumber(right[i])
		if xIsNumber != yIsNumber {
			return 0, fmt.Errorf("the versions can't be compared: part %d is a number in one only", i+1)
		}
		order := strings.Compare(left[i], right[i])
		if xIsNumber {
			order = compareNumbers(x, y)
		}
		if order != 0 {
			return order, nil
		}
	}
	return cmp.Compare(len(left), len(right)), nil
}

func looseVersion(s string) []string {
	var parts []string
	for _, p := range looseParts.FindAllString(s, -1) {
		if p != "." {
			parts = append(parts, p)
		}
	}
	return parts
}

// versionNumber returns the digits of a number without leading zeros.
func versionNumber(s string) (string, bool) {
	if strings.Trim(s, "0123456789") != "" {
		return "", false
	}
	return strings.TrimLeft(s, "0"), true
}

func compareNumbers(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

func compareStrict(a, b string) (int, error) {
	x, y := strictForm.FindStringSubmatch(a), strictForm.FindStringSubmatch(b)
	if x == nil || y == nil {
		return 0, errors.New("a strict version is one such as 1.2.3 or 1.2a1")
	}
	for i := 1; i <= 3; i++ {
		if order := compareNumbers(strings.TrimLeft(x[i], "0"), strings.TrimLeft(y[i], "0")); order != 0 {
			return order, nil
		}
	}
	// A version without a pre-release comes after those with one.
	if (x[4] == "") != (y[4] == "") {
		return cmp.Compare(strconv.FormatBool(x[4] == ""), strconv.FormatBool(y[4] == "")), nil
	}
	return cmp.Or(strings.Compare(x[4], y[4]), compareNumbers(strings.TrimLeft(x[5], "0"), strings.TrimLeft(y[5], "0"))), nil
}

func compareSemantic(a, b string) (int, error) {
	x, y := semanticForm.FindStringSubmatch(a), semanticForm.FindStringSubmatch(b)
	if x == nil || y == nil {
		return 0, errors.New("a semantic version is one such as 1.2.3-rc.1")
	}
	for i := 1; i <= 3; i++ {
		if order := compareNumbers(strings.TrimLeft(x[i], "0"), strings.TrimLeft(y[i], "0")); order != 0 {
			return order, nil
		}
	}
	if x[4] == "" || y[4] == "" {
		return cmp.Compare(strconv.FormatBool(x[4] == ""), strconv.FormatBool(y[4] == "")), nil
	}
	left, right := strings.Split(x[4], "."), strings.Split(y[4], ".")
	for i := range min(len(left), len(right)) {
		n, isNumber := versionNumber(left[i])
		m, otherIs := versionNumber(right[i])
		order := strings.Compare(left[i], right[i])
		switch {
		case isNumber && otherIs:
			order = compareNumbers(n, m)
		case isNumber != otherIs: // numbers come first
			order = cmp.Compare(strconv.FormatBool(otherIs), strconv.FormatBool(isNumber))
		}
		if order != 0 {
			return order, nil
		}
	}
	return cmp.Compare(len(left), len(right)), nil
}
