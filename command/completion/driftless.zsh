#compdef driftless

# Completion of driftless for zsh. To load it in every shell, write into
# ~/.zshrc, after compinit:
#
#   source <(driftless completion zsh)
#
# or put it where compinit finds it, into a directory of $fpath:
#
#   driftless completion zsh > "${fpath[1]}/_driftless"

_driftless() {
  local word doc paths
  local -a plain open
  while IFS=$'\t' read -r word doc; do
    case $word in
      :path) paths=yes ;;
      *=) open+=("${word//:/\\:}${doc:+:$doc}") ;; # a value follows without a space
      *) plain+=("${word//:/\\:}${doc:+:$doc}") ;;
    esac
  done < <("${(Q)words[1]}" __complete "${(@Q)words[2,CURRENT]}" 2>/dev/null)
  (( $#open )) && _describe -t values value open -S ''
  (( $#plain )) && _describe -t values value plain
  if [[ -n $paths ]]; then
    [[ $words[CURRENT] == -* ]] && compset -P '*='
    _files
  fi
}

if [[ ${funcstack[1]} == _driftless ]]; then
  _driftless "$@"
else
  compdef _driftless driftless
fi
