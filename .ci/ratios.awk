# Reads the output of go test -bench and prints how each benchmark compares
# with its baseline in the same package: the one whose name ends in Std, or one
# of the pairs below. With -count, the means are compared.

BEGIN {
	pairs["Collect"] = "Gopsutil"
	pairs["Tail"] = "Scanner"
	pairs["PlanUnchangedFile"] = "BareLoop"
	pairs["Append"] = "Expfmt"
}

/^pkg: / { package = $2; sub(/^github\.com\/[^\/]*\/[^\/]*\//, "", package) }

/^Benchmark/ && $4 == "ns/op" {
	name = $1
	sub(/^Benchmark/, "", name)
	sub(/-[0-9]+$/, "", name)
	key = package SUBSEP name
	if (!(key in runs)) order[++count] = key
	runs[key]++
	total[key] += $3
}

END {
	for (i = 1; i <= count; i++) {
		key = order[i]
		split(key, parts, SUBSEP)
		slash = index(parts[2], "/")
		top = slash ? substr(parts[2], 1, slash - 1) : parts[2]
		rest = slash ? substr(parts[2], slash) : ""
		baseline = top "Std"
		if (!((parts[1], baseline rest) in runs)) baseline = pairs[top]
		other = parts[1] SUBSEP baseline rest
		if (!(other in runs)) continue
		ours = total[key] / runs[key]
		theirs = total[other] / runs[other]
		if (!titled++) print "\ntimes as fast as the baseline:"
		printf "  %-50s %8.2f  (%s)\n", parts[1] " " parts[2], theirs / ours, baseline
	}
}
