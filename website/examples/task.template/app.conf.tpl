upstream app {
%{ for address in upstreams ~}
  server ${address};
%{ endfor ~}
}

server {
  listen      80;
  server_name ${name};

  location / {
    proxy_pass http://app;
  }
}
