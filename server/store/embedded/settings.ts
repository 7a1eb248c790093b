// How the embedded PostgreSQL runs: server settings given on its command line, so that they hold on every start.

const always = {
  // An acknowledged write survives a power cut.
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',

  shared_buffers: '128MB',
  max_connections: '50',
  max_wal_size: '2GB',
  wal_compression: 'pglz',
  huge_pages: 'off', // may be reserved for others, and 128 MB gain nothing
  jit: 'off', // compiling costs more than our short statements run
  random_page_cost: '1.1', // solid state disks

  timezone: 'UTC',
  log_timezone: 'UTC',
  password_encryption: 'scram-sha-256',

  // No health data in the log: neither statement texts nor the values that details quote.
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_line_prefix: '%m [%p] ',
  cluster_name: 'tsumugi',
};

/** The `-c name=value` arguments. Without a socket folder (Windows) it listens on loopback. */
export function settingArguments(socketFolder: string | undefined, port: number): string[] {
  const listen = socketFolder
    ? { listen_addresses: '', unix_socket_directories: socketFolder, unix_socket_permissions: '0700' }
    : { listen_addresses: '127.0.0.1', unix_socket_directories: '' };
  const settings = { ...always, ...listen, port: String(port) };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}
