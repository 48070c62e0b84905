// Achieves goals one after the other, warms up first, and says how long the rest took.
!start.

+!start : goals(N) & warm_up(W)
  <- for (.range(I, 1, W)) { !work(I) };
     .time(H1, M1, S1, Z1);
     for (.range(I, 1, N)) { !work(I) };
     .time(H2, M2, S2, Z2);
     .my_name(Me);
     .print("begun ", ((H1 * 60 + M1) * 60 + S1) * 1000 + Z1, " ended ", ((H2 * 60 + M2) * 60 + S2) * 1000 + Z2, " goals ", N).

+!work(_).
