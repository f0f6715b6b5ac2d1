# Completion of driftless for bash. To load it in every shell, write into
# ~/.bashrc:
#
#   source <(driftless completion bash)

_driftless() {
  local program=driftless words=() rest=${COMP_LINE:0:COMP_POINT} glued= word i
  [[ $1 == */* ]] && program=${1/#\~\//$HOME/}

  # Bash takes words apart at "=" and ":". Those without a space between them
  # are put together again, up to the cursor.
  for ((i = 0; i <= COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    ((${#rest} < ${#word})) && word=$rest
    if [[ $glued ]]; then
      words[${#words[@]} - 1]+=$word
    else
      words+=("$word")
    fi
    rest=${rest#*"$word"}
    glued=yes
    [[ $rest == [[:space:]]* ]] && glued=
    rest=${rest#"${rest%%[![:space:]]*}"}
  done

  # Only what follows the last of them is replaced.
  local breaks=${COMP_WORDBREAKS//[^=:]/} current=${words[${#words[@]} - 1]} prefix=
  [[ $breaks ]] && prefix=${current%"${current##*[$breaks]}"}

  COMPREPLY=()
  compopt +o default 2>/dev/null
  while IFS=$'\t' read -r word _; do
    if [[ $word == :path ]]; then
      compopt -o default 2>/dev/null
    else
      COMPREPLY+=("${word#"$prefix"}")
    fi
  done < <("$program" __complete "${words[@]:1}" 2>/dev/null)
  [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
  return 0
}

complete -o default -F _driftless driftless
