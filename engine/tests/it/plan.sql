create table orders (id integer primary key, region text, product text, sales integer, placed text, state text not null) strict;
insert into orders values (1, 'West', 'Chairs', 10050, '2017-01-15', 'open'), (2, 'West', 'Chairs', 20025, '2017-02-15', 'open'),
  (3, 'West', 'Tables', 30000, '2017-01-20', 'open'), (4, 'East', 'Chairs', 40000, '2017-01-10', 'open'), (5, null, 'Lamps', 100, '2017-01-01', 'open');
create table loose (code text, region text, state text) strict;
insert into loose values ('a', 'West', 'open'), ('a', 'West', 'open'), ('b', 'West', 'open'), ('c', 'West', 'open'),
  ('c', 'East', 'open'), (null, 'West', 'open');
