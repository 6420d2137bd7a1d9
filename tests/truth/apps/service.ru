# A Rack application for Puma: calls go out on the handler's thread (par: a thread each). The plan is that of plan.py.
require 'net/http'

NEXT = ENV['NEXT'].split(',').map { |base| URI(base) }
HARD = ENV['HARD'] == '1'
IDLE = NEXT.to_h { |base| [base.port, Queue.new] }

def work
  sleep(ENV['WORK_MS'].to_f / 1000 * (HARD ? rand(0.2..1.8) : 1))
end

# On one of the connections that all threads share.
def call(base, number)
  connection = begin
    IDLE[base.port].pop(true)
  rescue ThreadError
    Net::HTTP.start(base.host, base.port).tap { |fresh| fresh.keep_alive_timeout = 600 }
  end
  connection.get("/r/#{number}")
  IDLE[base.port] << connection
end

def calls_of(route, number)
  count = { 'none' => 0, 'one' => 1 }.fetch(route, NEXT.size)
  calls = NEXT.first(count).map { |base| [base, number = number * 48_271 % (2**31 - 1)] }
  HARD ? calls.select { rand > 1.0 / 3 } : calls
end

if ENV['BACKGROUND'] == '1'
  Thread.new do
    loop do
      sleep(rand(0.004..0.012))
      call(NEXT[0], rand(1..99_999))
    end
  end
end

run(lambda do |env|
  _, route, number = env['PATH_INFO'].split('/')
  work
  calls = calls_of(route, number.to_i)
  if route == 'par'
    calls.map { |each| Thread.new { call(*each) } }.each(&:join)
  else
    calls.each { |each| call(*each) }
  end
  work
  [200, { 'Content-Length' => '3' }, ["ok\n"]]
end)
