-- expect: error: 
-- only: script policy
-- labels and gotos are searched one by one: compiling is charged
goto l0
goto l1
goto l2
goto l3
goto l4
goto l5
goto l6
goto l7
goto l8
goto l9
goto l10
goto l11
goto l12
goto l13
goto l14
goto l15
goto l16
goto l17
goto l18
goto l19
goto l20
goto l21
goto l22
goto l23
goto l24
goto l25
goto l26
goto l27
goto l28
goto l29
goto l30
goto l31
goto l32
goto l33
goto l34
goto l35
goto l36
goto l37
goto l38
goto l39
goto l40
goto l41
goto l42
goto l43
goto l44
goto l45
goto l46
goto l47
goto l48
goto l49
goto l50
goto l51
goto l52
goto l53
goto l54
goto l55
goto l56
goto l57
goto l58
goto l59
goto l60
goto l61
goto l62
goto l63
goto l64
goto l65
goto l66
goto l67
goto l68
goto l69
goto l70
goto l71
goto l72
goto l73
goto l74
goto l75
goto l76
goto l77
goto l78
goto l79
goto l80
goto l81
goto l82
goto l83
goto l84
goto l85
goto l86
goto l87
goto l88
goto l89
goto l90
goto l91
goto l92
goto l93
goto l94
goto l95
goto l96
goto l97
goto l98
goto l99
goto l100
goto l101
goto l102
goto l103
goto l104
goto l105
goto l106
goto l107
goto l108
goto l109
goto l110
goto l111
goto l112
goto l113
goto l114
goto l115
goto l116
goto l117
goto l118
goto l119
goto l120
goto l121
goto l122
goto l123
goto l124
goto l125
goto l126
goto l127
goto l128
goto l129
goto l130
goto l131
goto l132
goto l133
goto l134
goto l135
goto l136
goto l137
goto l138
goto l139
goto l140
goto l141
goto l142
goto l143
goto l144
goto l145
goto l146
goto l147
goto l148
goto l149
goto l150
goto l151
goto l152
goto l153
goto l154
goto l155
goto l156
goto l157
goto l158
goto l159
goto l160
goto l161
goto l162
goto l163
goto l164
goto l165
goto l166
goto l167
goto l168
goto l169
goto l170
goto l171
goto l172
goto l173
goto l174
goto l175
goto l176
goto l177
goto l178
goto l179
goto l180
goto l181
goto l182
goto l183
goto l184
goto l185
goto l186
goto l187
goto l188
goto l189
goto l190
goto l191
goto l192
goto l193
goto l194
goto l195
goto l196
goto l197
goto l198
goto l199
goto l200
goto l201
goto l202
goto l203
goto l204
goto l205
goto l206
goto l207
goto l208
goto l209
goto l210
goto l211
goto l212
goto l213
goto l214
goto l215
goto l216
goto l217
goto l218
goto l219
goto l220
goto l221
goto l222
goto l223
goto l224
goto l225
goto l226
goto l227
goto l228
goto l229
goto l230
goto l231
goto l232
goto l233
goto l234
goto l235
goto l236
goto l237
goto l238
goto l239
goto l240
goto l241
goto l242
goto l243
goto l244
goto l245
goto l246
goto l247
goto l248
goto l249
goto l250
goto l251
goto l252
goto l253
goto l254
goto l255
goto l256
goto l257
goto l258
goto l259
goto l260
goto l261
goto l262
goto l263
goto l264
goto l265
goto l266
goto l267
goto l268
goto l269
goto l270
goto l271
goto l272
goto l273
goto l274
goto l275
goto l276
goto l277
goto l278
goto l279
goto l280
goto l281
goto l282
goto l283
goto l284
goto l285
goto l286
goto l287
goto l288
goto l289
goto l290
goto l291
goto l292
goto l293
goto l294
goto l295
goto l296
goto l297
goto l298
goto l299
goto l300
goto l301
goto l302
goto l303
goto l304
goto l305
goto l306
goto l307
goto l308
goto l309
goto l310
goto l311
goto l312
goto l313
goto l314
goto l315
goto l316
goto l317
goto l318
goto l319
goto l320
goto l321
goto l322
goto l323
goto l324
goto l325
goto l326
goto l327
goto l328
goto l329
goto l330
goto l331
goto l332
goto l333
goto l334
goto l335
goto l336
goto l337
goto l338
goto l339
goto l340
goto l341
goto l342
goto l343
goto l344
goto l345
goto l346
goto l347
goto l348
goto l349
goto l350
goto l351
goto l352
goto l353
goto l354
goto l355
goto l356
goto l357
goto l358
goto l359
goto l360
goto l361
goto l362
goto l363
goto l364
goto l365
goto l366
goto l367
goto l368
goto l369
goto l370
goto l371
goto l372
goto l373
goto l374
goto l375
goto l376
goto l377
goto l378
goto l379
goto l380
goto l381
goto l382
goto l383
goto l384
goto l385
goto l386
goto l387
goto l388
goto l389
goto l390
goto l391
goto l392
goto l393
goto l394
goto l395
goto l396
goto l397
goto l398
goto l399
goto l400
goto l401
goto l402
goto l403
goto l404
goto l405
goto l406
goto l407
goto l408
goto l409
goto l410
goto l411
goto l412
goto l413
goto l414
goto l415
goto l416
goto l417
goto l418
goto l419
goto l420
goto l421
goto l422
goto l423
goto l424
goto l425
goto l426
goto l427
goto l428
goto l429
goto l430
goto l431
goto l432
goto l433
goto l434
goto l435
goto l436
goto l437
goto l438
goto l439
goto l440
goto l441
goto l442
goto l443
goto l444
goto l445
goto l446
goto l447
goto l448
goto l449
goto l450
goto l451
goto l452
goto l453
goto l454
goto l455
goto l456
goto l457
goto l458
goto l459
goto l460
goto l461
goto l462
goto l463
goto l464
goto l465
goto l466
goto l467
goto l468
goto l469
goto l470
goto l471
goto l472
goto l473
goto l474
goto l475
goto l476
goto l477
goto l478
goto l479
goto l480
goto l481
goto l482
goto l483
goto l484
goto l485
goto l486
goto l487
goto l488
goto l489
goto l490
goto l491
goto l492
goto l493
goto l494
goto l495
goto l496
goto l497
goto l498
goto l499
goto l500
goto l501
goto l502
goto l503
goto l504
goto l505
goto l506
goto l507
goto l508
goto l509
goto l510
goto l511
goto l512
goto l513
goto l514
goto l515
goto l516
goto l517
goto l518
goto l519
goto l520
goto l521
goto l522
goto l523
goto l524
goto l525
goto l526
goto l527
goto l528
goto l529
goto l530
goto l531
goto l532
goto l533
goto l534
goto l535
goto l536
goto l537
goto l538
goto l539
goto l540
goto l541
goto l542
goto l543
goto l544
goto l545
goto l546
goto l547
goto l548
goto l549
goto l550
goto l551
goto l552
goto l553
goto l554
goto l555
goto l556
goto l557
goto l558
goto l559
goto l560
goto l561
goto l562
goto l563
goto l564
goto l565
goto l566
goto l567
goto l568
goto l569
goto l570
goto l571
goto l572
goto l573
goto l574
goto l575
goto l576
goto l577
goto l578
goto l579
goto l580
goto l581
goto l582
goto l583
goto l584
goto l585
goto l586
goto l587
goto l588
goto l589
goto l590
goto l591
goto l592
goto l593
goto l594
goto l595
goto l596
goto l597
goto l598
goto l599
goto l600
goto l601
goto l602
goto l603
goto l604
goto l605
goto l606
goto l607
goto l608
goto l609
goto l610
goto l611
goto l612
goto l613
goto l614
goto l615
goto l616
goto l617
goto l618
goto l619
goto l620
goto l621
goto l622
goto l623
goto l624
goto l625
goto l626
goto l627
goto l628
goto l629
goto l630
goto l631
goto l632
goto l633
goto l634
goto l635
goto l636
goto l637
goto l638
goto l639
goto l640
goto l641
goto l642
goto l643
goto l644
goto l645
goto l646
goto l647
goto l648
goto l649
goto l650
goto l651
goto l652
goto l653
goto l654
goto l655
goto l656
goto l657
goto l658
goto l659
goto l660
goto l661
goto l662
goto l663
goto l664
goto l665
goto l666
goto l667
goto l668
goto l669
goto l670
goto l671
goto l672
goto l673
goto l674
goto l675
goto l676
goto l677
goto l678
goto l679
goto l680
goto l681
goto l682
goto l683
goto l684
goto l685
goto l686
goto l687
goto l688
goto l689
goto l690
goto l691
goto l692
goto l693
goto l694
goto l695
goto l696
goto l697
goto l698
goto l699
goto l700
goto l701
goto l702
goto l703
goto l704
goto l705
goto l706
goto l707
goto l708
goto l709
goto l710
goto l711
goto l712
goto l713
goto l714
goto l715
goto l716
goto l717
goto l718
goto l719
goto l720
goto l721
goto l722
goto l723
goto l724
goto l725
goto l726
goto l727
goto l728
goto l729
goto l730
goto l731
goto l732
goto l733
goto l734
goto l735
goto l736
goto l737
goto l738
goto l739
goto l740
goto l741
goto l742
goto l743
goto l744
goto l745
goto l746
goto l747
goto l748
goto l749
goto l750
goto l751
goto l752
goto l753
goto l754
goto l755
goto l756
goto l757
goto l758
goto l759
goto l760
goto l761
goto l762
goto l763
goto l764
goto l765
goto l766
goto l767
goto l768
goto l769
goto l770
goto l771
goto l772
goto l773
goto l774
goto l775
goto l776
goto l777
goto l778
goto l779
goto l780
goto l781
goto l782
goto l783
goto l784
goto l785
goto l786
goto l787
goto l788
goto l789
goto l790
goto l791
goto l792
goto l793
goto l794
goto l795
goto l796
goto l797
goto l798
goto l799
goto l800
goto l801
goto l802
goto l803
goto l804
goto l805
goto l806
goto l807
goto l808
goto l809
goto l810
goto l811
goto l812
goto l813
goto l814
goto l815
goto l816
goto l817
goto l818
goto l819
goto l820
goto l821
goto l822
goto l823
goto l824
goto l825
goto l826
goto l827
goto l828
goto l829
goto l830
goto l831
goto l832
goto l833
goto l834
goto l835
goto l836
goto l837
goto l838
goto l839
goto l840
goto l841
goto l842
goto l843
goto l844
goto l845
goto l846
goto l847
goto l848
goto l849
goto l850
goto l851
goto l852
goto l853
goto l854
goto l855
goto l856
goto l857
goto l858
goto l859
goto l860
goto l861
goto l862
goto l863
goto l864
goto l865
goto l866
goto l867
goto l868
goto l869
goto l870
goto l871
goto l872
goto l873
goto l874
goto l875
goto l876
goto l877
goto l878
goto l879
goto l880
goto l881
goto l882
goto l883
goto l884
goto l885
goto l886
goto l887
goto l888
goto l889
goto l890
goto l891
goto l892
goto l893
goto l894
goto l895
goto l896
goto l897
goto l898
goto l899
goto l900
goto l901
goto l902
goto l903
goto l904
goto l905
goto l906
goto l907
goto l908
goto l909
goto l910
goto l911
goto l912
goto l913
goto l914
goto l915
goto l916
goto l917
goto l918
goto l919
goto l920
goto l921
goto l922
goto l923
goto l924
goto l925
goto l926
goto l927
goto l928
goto l929
goto l930
goto l931
goto l932
goto l933
goto l934
goto l935
goto l936
goto l937
goto l938
goto l939
goto l940
goto l941
goto l942
goto l943
goto l944
goto l945
goto l946
goto l947
goto l948
goto l949
goto l950
goto l951
goto l952
goto l953
goto l954
goto l955
goto l956
goto l957
goto l958
goto l959
goto l960
goto l961
goto l962
goto l963
goto l964
goto l965
goto l966
goto l967
goto l968
goto l969
goto l970
goto l971
goto l972
goto l973
goto l974
goto l975
goto l976
goto l977
goto l978
goto l979
goto l980
goto l981
goto l982
goto l983
goto l984
goto l985
goto l986
goto l987
goto l988
goto l989
goto l990
goto l991
goto l992
goto l993
goto l994
goto l995
goto l996
goto l997
goto l998
goto l999
goto l1000
goto l1001
goto l1002
goto l1003
goto l1004
goto l1005
goto l1006
goto l1007
goto l1008
goto l1009
goto l1010
goto l1011
goto l1012
goto l1013
goto l1014
goto l1015
goto l1016
goto l1017
goto l1018
goto l1019
goto l1020
goto l1021
goto l1022
goto l1023
goto l1024
goto l1025
goto l1026
goto l1027
goto l1028
goto l1029
goto l1030
goto l1031
goto l1032
goto l1033
goto l1034
goto l1035
goto l1036
goto l1037
goto l1038
goto l1039
goto l1040
goto l1041
goto l1042
goto l1043
goto l1044
goto l1045
goto l1046
goto l1047
goto l1048
goto l1049
goto l1050
goto l1051
goto l1052
goto l1053
goto l1054
goto l1055
goto l1056
goto l1057
goto l1058
goto l1059
goto l1060
goto l1061
goto l1062
goto l1063
goto l1064
goto l1065
goto l1066
goto l1067
goto l1068
goto l1069
goto l1070
goto l1071
goto l1072
goto l1073
goto l1074
goto l1075
goto l1076
goto l1077
goto l1078
goto l1079
goto l1080
goto l1081
goto l1082
goto l1083
goto l1084
goto l1085
goto l1086
goto l1087
goto l1088
goto l1089
goto l1090
goto l1091
goto l1092
goto l1093
goto l1094
goto l1095
goto l1096
goto l1097
goto l1098
goto l1099
goto l1100
goto l1101
goto l1102
goto l1103
goto l1104
goto l1105
goto l1106
goto l1107
goto l1108
goto l1109
goto l1110
goto l1111
goto l1112
goto l1113
goto l1114
goto l1115
goto l1116
goto l1117
goto l1118
goto l1119
goto l1120
goto l1121
goto l1122
goto l1123
goto l1124
goto l1125
goto l1126
goto l1127
goto l1128
goto l1129
goto l1130
goto l1131
goto l1132
goto l1133
goto l1134
goto l1135
goto l1136
goto l1137
goto l1138
goto l1139
goto l1140
goto l1141
goto l1142
goto l1143
goto l1144
goto l1145
goto l1146
goto l1147
goto l1148
goto l1149
goto l1150
goto l1151
goto l1152
goto l1153
goto l1154
goto l1155
goto l1156
goto l1157
goto l1158
goto l1159
goto l1160
goto l1161
goto l1162
goto l1163
goto l1164
goto l1165
goto l1166
goto l1167
goto l1168
goto l1169
goto l1170
goto l1171
goto l1172
goto l1173
goto l1174
goto l1175
goto l1176
goto l1177
goto l1178
goto l1179
goto l1180
goto l1181
goto l1182
goto l1183
goto l1184
goto l1185
goto l1186
goto l1187
goto l1188
goto l1189
goto l1190
goto l1191
goto l1192
goto l1193
goto l1194
goto l1195
goto l1196
goto l1197
goto l1198
goto l1199
goto l1200
goto l1201
goto l1202
goto l1203
goto l1204
goto l1205
goto l1206
goto l1207
goto l1208
goto l1209
goto l1210
goto l1211
goto l1212
goto l1213
goto l1214
goto l1215
goto l1216
goto l1217
goto l1218
goto l1219
goto l1220
goto l1221
goto l1222
goto l1223
goto l1224
goto l1225
goto l1226
goto l1227
goto l1228
goto l1229
goto l1230
goto l1231
goto l1232
goto l1233
goto l1234
goto l1235
goto l1236
goto l1237
goto l1238
goto l1239
goto l1240
goto l1241
goto l1242
goto l1243
goto l1244
goto l1245
goto l1246
goto l1247
goto l1248
goto l1249
goto l1250
goto l1251
goto l1252
goto l1253
goto l1254
goto l1255
goto l1256
goto l1257
goto l1258
goto l1259
goto l1260
goto l1261
goto l1262
goto l1263
goto l1264
goto l1265
goto l1266
goto l1267
goto l1268
goto l1269
goto l1270
goto l1271
goto l1272
goto l1273
goto l1274
goto l1275
goto l1276
goto l1277
goto l1278
goto l1279
goto l1280
goto l1281
goto l1282
goto l1283
goto l1284
goto l1285
goto l1286
goto l1287
goto l1288
goto l1289
goto l1290
goto l1291
goto l1292
goto l1293
goto l1294
goto l1295
goto l1296
goto l1297
goto l1298
goto l1299
goto l1300
goto l1301
goto l1302
goto l1303
goto l1304
goto l1305
goto l1306
goto l1307
goto l1308
goto l1309
goto l1310
goto l1311
goto l1312
goto l1313
goto l1314
goto l1315
goto l1316
goto l1317
goto l1318
goto l1319
goto l1320
goto l1321
goto l1322
goto l1323
goto l1324
goto l1325
goto l1326
goto l1327
goto l1328
goto l1329
goto l1330
goto l1331
goto l1332
goto l1333
goto l1334
goto l1335
goto l1336
goto l1337
goto l1338
goto l1339
goto l1340
goto l1341
goto l1342
goto l1343
goto l1344
goto l1345
goto l1346
goto l1347
goto l1348
goto l1349
goto l1350
goto l1351
goto l1352
goto l1353
goto l1354
goto l1355
goto l1356
goto l1357
goto l1358
goto l1359
goto l1360
goto l1361
goto l1362
goto l1363
goto l1364
goto l1365
goto l1366
goto l1367
goto l1368
goto l1369
goto l1370
goto l1371
goto l1372
goto l1373
goto l1374
goto l1375
goto l1376
goto l1377
goto l1378
goto l1379
goto l1380
goto l1381
goto l1382
goto l1383
goto l1384
goto l1385
goto l1386
goto l1387
goto l1388
goto l1389
goto l1390
goto l1391
goto l1392
goto l1393
goto l1394
goto l1395
goto l1396
goto l1397
goto l1398
goto l1399
goto l1400
goto l1401
goto l1402
goto l1403
goto l1404
goto l1405
goto l1406
goto l1407
goto l1408
goto l1409
goto l1410
goto l1411
goto l1412
goto l1413
goto l1414
goto l1415
goto l1416
goto l1417
goto l1418
goto l1419
goto l1420
goto l1421
goto l1422
goto l1423
goto l1424
goto l1425
goto l1426
goto l1427
goto l1428
goto l1429
goto l1430
goto l1431
goto l1432
goto l1433
goto l1434
goto l1435
goto l1436
goto l1437
goto l1438
goto l1439
goto l1440
goto l1441
goto l1442
goto l1443
goto l1444
goto l1445
goto l1446
goto l1447
goto l1448
goto l1449
goto l1450
goto l1451
goto l1452
goto l1453
goto l1454
goto l1455
goto l1456
goto l1457
goto l1458
goto l1459
goto l1460
goto l1461
goto l1462
goto l1463
goto l1464
goto l1465
goto l1466
goto l1467
goto l1468
goto l1469
goto l1470
goto l1471
goto l1472
goto l1473
goto l1474
goto l1475
goto l1476
goto l1477
goto l1478
goto l1479
goto l1480
goto l1481
goto l1482
goto l1483
goto l1484
goto l1485
goto l1486
goto l1487
goto l1488
goto l1489
goto l1490
goto l1491
goto l1492
goto l1493
goto l1494
goto l1495
goto l1496
goto l1497
goto l1498
goto l1499
goto l1500
goto l1501
goto l1502
goto l1503
goto l1504
goto l1505
goto l1506
goto l1507
goto l1508
goto l1509
goto l1510
goto l1511
goto l1512
goto l1513
goto l1514
goto l1515
goto l1516
goto l1517
goto l1518
goto l1519
goto l1520
goto l1521
goto l1522
goto l1523
goto l1524
goto l1525
goto l1526
goto l1527
goto l1528
goto l1529
goto l1530
goto l1531
goto l1532
goto l1533
goto l1534
goto l1535
goto l1536
goto l1537
goto l1538
goto l1539
goto l1540
goto l1541
goto l1542
goto l1543
goto l1544
goto l1545
goto l1546
goto l1547
goto l1548
goto l1549
goto l1550
goto l1551
goto l1552
goto l1553
goto l1554
goto l1555
goto l1556
goto l1557
goto l1558
goto l1559
goto l1560
goto l1561
goto l1562
goto l1563
goto l1564
goto l1565
goto l1566
goto l1567
goto l1568
goto l1569
goto l1570
goto l1571
goto l1572
goto l1573
goto l1574
goto l1575
goto l1576
goto l1577
goto l1578
goto l1579
goto l1580
goto l1581
goto l1582
goto l1583
goto l1584
goto l1585
goto l1586
goto l1587
goto l1588
goto l1589
goto l1590
goto l1591
goto l1592
goto l1593
goto l1594
goto l1595
goto l1596
goto l1597
goto l1598
goto l1599
goto l1600
goto l1601
goto l1602
goto l1603
goto l1604
goto l1605
goto l1606
goto l1607
goto l1608
goto l1609
goto l1610
goto l1611
goto l1612
goto l1613
goto l1614
goto l1615
goto l1616
goto l1617
goto l1618
goto l1619
goto l1620
goto l1621
goto l1622
goto l1623
goto l1624
goto l1625
goto l1626
goto l1627
goto l1628
goto l1629
goto l1630
goto l1631
goto l1632
goto l1633
goto l1634
goto l1635
goto l1636
goto l1637
goto l1638
goto l1639
goto l1640
goto l1641
goto l1642
goto l1643
goto l1644
goto l1645
goto l1646
goto l1647
goto l1648
goto l1649
goto l1650
goto l1651
goto l1652
goto l1653
goto l1654
goto l1655
goto l1656
goto l1657
goto l1658
goto l1659
goto l1660
goto l1661
goto l1662
goto l1663
goto l1664
goto l1665
goto l1666
goto l1667
goto l1668
goto l1669
goto l1670
goto l1671
goto l1672
goto l1673
goto l1674
goto l1675
goto l1676
goto l1677
goto l1678
goto l1679
goto l1680
goto l1681
goto l1682
goto l1683
goto l1684
goto l1685
goto l1686
goto l1687
goto l1688
goto l1689
goto l1690
goto l1691
goto l1692
goto l1693
goto l1694
goto l1695
goto l1696
goto l1697
goto l1698
goto l1699
goto l1700
goto l1701
goto l1702
goto l1703
goto l1704
goto l1705
goto l1706
goto l1707
goto l1708
goto l1709
goto l1710
goto l1711
goto l1712
goto l1713
goto l1714
goto l1715
goto l1716
goto l1717
goto l1718
goto l1719
goto l1720
goto l1721
goto l1722
goto l1723
goto l1724
goto l1725
goto l1726
goto l1727
goto l1728
goto l1729
goto l1730
goto l1731
goto l1732
goto l1733
goto l1734
goto l1735
goto l1736
goto l1737
goto l1738
goto l1739
goto l1740
goto l1741
goto l1742
goto l1743
goto l1744
goto l1745
goto l1746
goto l1747
goto l1748
goto l1749
goto l1750
goto l1751
goto l1752
goto l1753
goto l1754
goto l1755
goto l1756
goto l1757
goto l1758
goto l1759
goto l1760
goto l1761
goto l1762
goto l1763
goto l1764
goto l1765
goto l1766
goto l1767
goto l1768
goto l1769
goto l1770
goto l1771
goto l1772
goto l1773
goto l1774
goto l1775
goto l1776
goto l1777
goto l1778
goto l1779
goto l1780
goto l1781
goto l1782
goto l1783
goto l1784
goto l1785
goto l1786
goto l1787
goto l1788
goto l1789
goto l1790
goto l1791
goto l1792
goto l1793
goto l1794
goto l1795
goto l1796
goto l1797
goto l1798
goto l1799
goto l1800
goto l1801
goto l1802
goto l1803
goto l1804
goto l1805
goto l1806
goto l1807
goto l1808
goto l1809
goto l1810
goto l1811
goto l1812
goto l1813
goto l1814
goto l1815
goto l1816
goto l1817
goto l1818
goto l1819
goto l1820
goto l1821
goto l1822
goto l1823
goto l1824
goto l1825
goto l1826
goto l1827
goto l1828
goto l1829
goto l1830
goto l1831
goto l1832
goto l1833
goto l1834
goto l1835
goto l1836
goto l1837
goto l1838
goto l1839
goto l1840
goto l1841
goto l1842
goto l1843
goto l1844
goto l1845
goto l1846
goto l1847
goto l1848
goto l1849
goto l1850
goto l1851
goto l1852
goto l1853
goto l1854
goto l1855
goto l1856
goto l1857
goto l1858
goto l1859
goto l1860
goto l1861
goto l1862
goto l1863
goto l1864
goto l1865
goto l1866
goto l1867
goto l1868
goto l1869
goto l1870
goto l1871
goto l1872
goto l1873
goto l1874
goto l1875
goto l1876
goto l1877
goto l1878
goto l1879
goto l1880
goto l1881
goto l1882
goto l1883
goto l1884
goto l1885
goto l1886
goto l1887
goto l1888
goto l1889
goto l1890
goto l1891
goto l1892
goto l1893
goto l1894
goto l1895
goto l1896
goto l1897
goto l1898
goto l1899
goto l1900
goto l1901
goto l1902
goto l1903
goto l1904
goto l1905
goto l1906
goto l1907
goto l1908
goto l1909
goto l1910
goto l1911
goto l1912
goto l1913
goto l1914
goto l1915
goto l1916
goto l1917
goto l1918
goto l1919
goto l1920
goto l1921
goto l1922
goto l1923
goto l1924
goto l1925
goto l1926
goto l1927
goto l1928
goto l1929
goto l1930
goto l1931
goto l1932
goto l1933
goto l1934
goto l1935
goto l1936
goto l1937
goto l1938
goto l1939
goto l1940
goto l1941
goto l1942
goto l1943
goto l1944
goto l1945
goto l1946
goto l1947
goto l1948
goto l1949
goto l1950
goto l1951
goto l1952
goto l1953
goto l1954
goto l1955
goto l1956
goto l1957
goto l1958
goto l1959
goto l1960
goto l1961
goto l1962
goto l1963
goto l1964
goto l1965
goto l1966
goto l1967
goto l1968
goto l1969
goto l1970
goto l1971
goto l1972
goto l1973
goto l1974
goto l1975
goto l1976
goto l1977
goto l1978
goto l1979
goto l1980
goto l1981
goto l1982
goto l1983
goto l1984
goto l1985
goto l1986
goto l1987
goto l1988
goto l1989
goto l1990
goto l1991
goto l1992
goto l1993
goto l1994
goto l1995
goto l1996
goto l1997
goto l1998
goto l1999
goto l2000
goto l2001
goto l2002
goto l2003
goto l2004
goto l2005
goto l2006
goto l2007
goto l2008
goto l2009
goto l2010
goto l2011
goto l2012
goto l2013
goto l2014
goto l2015
goto l2016
goto l2017
goto l2018
goto l2019
goto l2020
goto l2021
goto l2022
goto l2023
goto l2024
goto l2025
goto l2026
goto l2027
goto l2028
goto l2029
goto l2030
goto l2031
goto l2032
goto l2033
goto l2034
goto l2035
goto l2036
goto l2037
goto l2038
goto l2039
goto l2040
goto l2041
goto l2042
goto l2043
goto l2044
goto l2045
goto l2046
goto l2047
goto l2048
goto l2049
goto l2050
goto l2051
goto l2052
goto l2053
goto l2054
goto l2055
goto l2056
goto l2057
goto l2058
goto l2059
goto l2060
goto l2061
goto l2062
goto l2063
goto l2064
goto l2065
goto l2066
goto l2067
goto l2068
goto l2069
goto l2070
goto l2071
goto l2072
goto l2073
goto l2074
goto l2075
goto l2076
goto l2077
goto l2078
goto l2079
goto l2080
goto l2081
goto l2082
goto l2083
goto l2084
goto l2085
goto l2086
goto l2087
goto l2088
goto l2089
goto l2090
goto l2091
goto l2092
goto l2093
goto l2094
goto l2095
goto l2096
goto l2097
goto l2098
goto l2099
goto l2100
goto l2101
goto l2102
goto l2103
goto l2104
goto l2105
goto l2106
goto l2107
goto l2108
goto l2109
goto l2110
goto l2111
goto l2112
goto l2113
goto l2114
goto l2115
goto l2116
goto l2117
goto l2118
goto l2119
goto l2120
goto l2121
goto l2122
goto l2123
goto l2124
goto l2125
goto l2126
goto l2127
goto l2128
goto l2129
goto l2130
goto l2131
goto l2132
goto l2133
goto l2134
goto l2135
goto l2136
goto l2137
goto l2138
goto l2139
goto l2140
goto l2141
goto l2142
goto l2143
goto l2144
goto l2145
goto l2146
goto l2147
goto l2148
goto l2149
goto l2150
goto l2151
goto l2152
goto l2153
goto l2154
goto l2155
goto l2156
goto l2157
goto l2158
goto l2159
goto l2160
goto l2161
goto l2162
goto l2163
goto l2164
goto l2165
goto l2166
goto l2167
goto l2168
goto l2169
goto l2170
goto l2171
goto l2172
goto l2173
goto l2174
goto l2175
goto l2176
goto l2177
goto l2178
goto l2179
goto l2180
goto l2181
goto l2182
goto l2183
goto l2184
goto l2185
goto l2186
goto l2187
goto l2188
goto l2189
goto l2190
goto l2191
goto l2192
goto l2193
goto l2194
goto l2195
goto l2196
goto l2197
goto l2198
goto l2199
goto l2200
goto l2201
goto l2202
goto l2203
goto l2204
goto l2205
goto l2206
goto l2207
goto l2208
goto l2209
goto l2210
goto l2211
goto l2212
goto l2213
goto l2214
goto l2215
goto l2216
goto l2217
goto l2218
goto l2219
goto l2220
goto l2221
goto l2222
goto l2223
goto l2224
goto l2225
goto l2226
goto l2227
goto l2228
goto l2229
goto l2230
goto l2231
goto l2232
goto l2233
goto l2234
goto l2235
goto l2236
goto l2237
goto l2238
goto l2239
goto l2240
goto l2241
goto l2242
goto l2243
goto l2244
goto l2245
goto l2246
goto l2247
goto l2248
goto l2249
goto l2250
goto l2251
goto l2252
goto l2253
goto l2254
goto l2255
goto l2256
goto l2257
goto l2258
goto l2259
goto l2260
goto l2261
goto l2262
goto l2263
goto l2264
goto l2265
goto l2266
goto l2267
goto l2268
goto l2269
goto l2270
goto l2271
goto l2272
goto l2273
goto l2274
goto l2275
goto l2276
goto l2277
goto l2278
goto l2279
goto l2280
goto l2281
goto l2282
goto l2283
goto l2284
goto l2285
goto l2286
goto l2287
goto l2288
goto l2289
goto l2290
goto l2291
goto l2292
goto l2293
goto l2294
goto l2295
goto l2296
goto l2297
goto l2298
goto l2299
goto l2300
goto l2301
goto l2302
goto l2303
goto l2304
goto l2305
goto l2306
goto l2307
goto l2308
goto l2309
goto l2310
goto l2311
goto l2312
goto l2313
goto l2314
goto l2315
goto l2316
goto l2317
goto l2318
goto l2319
goto l2320
goto l2321
goto l2322
goto l2323
goto l2324
goto l2325
goto l2326
goto l2327
goto l2328
goto l2329
goto l2330
goto l2331
goto l2332
goto l2333
goto l2334
goto l2335
goto l2336
goto l2337
goto l2338
goto l2339
goto l2340
goto l2341
goto l2342
goto l2343
goto l2344
goto l2345
goto l2346
goto l2347
goto l2348
goto l2349
goto l2350
goto l2351
goto l2352
goto l2353
goto l2354
goto l2355
goto l2356
goto l2357
goto l2358
goto l2359
goto l2360
goto l2361
goto l2362
goto l2363
goto l2364
goto l2365
goto l2366
goto l2367
goto l2368
goto l2369
goto l2370
goto l2371
goto l2372
goto l2373
goto l2374
goto l2375
goto l2376
goto l2377
goto l2378
goto l2379
goto l2380
goto l2381
goto l2382
goto l2383
goto l2384
goto l2385
goto l2386
goto l2387
goto l2388
goto l2389
goto l2390
goto l2391
goto l2392
goto l2393
goto l2394
goto l2395
goto l2396
goto l2397
goto l2398
goto l2399
goto l2400
goto l2401
goto l2402
goto l2403
goto l2404
goto l2405
goto l2406
goto l2407
goto l2408
goto l2409
goto l2410
goto l2411
goto l2412
goto l2413
goto l2414
goto l2415
goto l2416
goto l2417
goto l2418
goto l2419
goto l2420
goto l2421
goto l2422
goto l2423
goto l2424
goto l2425
goto l2426
goto l2427
goto l2428
goto l2429
goto l2430
goto l2431
goto l2432
goto l2433
goto l2434
goto l2435
goto l2436
goto l2437
goto l2438
goto l2439
goto l2440
goto l2441
goto l2442
goto l2443
goto l2444
goto l2445
goto l2446
goto l2447
goto l2448
goto l2449
goto l2450
goto l2451
goto l2452
goto l2453
goto l2454
goto l2455
goto l2456
goto l2457
goto l2458
goto l2459
goto l2460
goto l2461
goto l2462
goto l2463
goto l2464
goto l2465
goto l2466
goto l2467
goto l2468
goto l2469
goto l2470
goto l2471
goto l2472
goto l2473
goto l2474
goto l2475
goto l2476
goto l2477
goto l2478
goto l2479
goto l2480
goto l2481
goto l2482
goto l2483
goto l2484
goto l2485
goto l2486
goto l2487
goto l2488
goto l2489
goto l2490
goto l2491
goto l2492
goto l2493
goto l2494
goto l2495
goto l2496
goto l2497
goto l2498
goto l2499
goto l2500
goto l2501
goto l2502
goto l2503
goto l2504
goto l2505
goto l2506
goto l2507
goto l2508
goto l2509
goto l2510
goto l2511
goto l2512
goto l2513
goto l2514
goto l2515
goto l2516
goto l2517
goto l2518
goto l2519
goto l2520
goto l2521
goto l2522
goto l2523
goto l2524
goto l2525
goto l2526
goto l2527
goto l2528
goto l2529
goto l2530
goto l2531
goto l2532
goto l2533
goto l2534
goto l2535
goto l2536
goto l2537
goto l2538
goto l2539
goto l2540
goto l2541
goto l2542
goto l2543
goto l2544
goto l2545
goto l2546
goto l2547
goto l2548
goto l2549
goto l2550
goto l2551
goto l2552
goto l2553
goto l2554
goto l2555
goto l2556
goto l2557
goto l2558
goto l2559
goto l2560
goto l2561
goto l2562
goto l2563
goto l2564
goto l2565
goto l2566
goto l2567
goto l2568
goto l2569
goto l2570
goto l2571
goto l2572
goto l2573
goto l2574
goto l2575
goto l2576
goto l2577
goto l2578
goto l2579
goto l2580
goto l2581
goto l2582
goto l2583
goto l2584
goto l2585
goto l2586
goto l2587
goto l2588
goto l2589
goto l2590
goto l2591
goto l2592
goto l2593
goto l2594
goto l2595
goto l2596
goto l2597
goto l2598
goto l2599
goto l2600
goto l2601
goto l2602
goto l2603
goto l2604
goto l2605
goto l2606
goto l2607
goto l2608
goto l2609
goto l2610
goto l2611
goto l2612
goto l2613
goto l2614
goto l2615
goto l2616
goto l2617
goto l2618
goto l2619
goto l2620
goto l2621
goto l2622
goto l2623
goto l2624
goto l2625
goto l2626
goto l2627
goto l2628
goto l2629
goto l2630
goto l2631
goto l2632
goto l2633
goto l2634
goto l2635
goto l2636
goto l2637
goto l2638
goto l2639
goto l2640
goto l2641
goto l2642
goto l2643
goto l2644
goto l2645
goto l2646
goto l2647
goto l2648
goto l2649
goto l2650
goto l2651
goto l2652
goto l2653
goto l2654
goto l2655
goto l2656
goto l2657
goto l2658
goto l2659
goto l2660
goto l2661
goto l2662
goto l2663
goto l2664
goto l2665
goto l2666
goto l2667
goto l2668
goto l2669
goto l2670
goto l2671
goto l2672
goto l2673
goto l2674
goto l2675
goto l2676
goto l2677
goto l2678
goto l2679
goto l2680
goto l2681
goto l2682
goto l2683
goto l2684
goto l2685
goto l2686
goto l2687
goto l2688
goto l2689
goto l2690
goto l2691
goto l2692
goto l2693
goto l2694
goto l2695
goto l2696
goto l2697
goto l2698
goto l2699
goto l2700
goto l2701
goto l2702
goto l2703
goto l2704
goto l2705
goto l2706
goto l2707
goto l2708
goto l2709
goto l2710
goto l2711
goto l2712
goto l2713
goto l2714
goto l2715
goto l2716
goto l2717
goto l2718
goto l2719
goto l2720
goto l2721
goto l2722
goto l2723
goto l2724
goto l2725
goto l2726
goto l2727
goto l2728
goto l2729
goto l2730
goto l2731
goto l2732
goto l2733
goto l2734
goto l2735
goto l2736
goto l2737
goto l2738
goto l2739
goto l2740
goto l2741
goto l2742
goto l2743
goto l2744
goto l2745
goto l2746
goto l2747
goto l2748
goto l2749
goto l2750
goto l2751
goto l2752
goto l2753
goto l2754
goto l2755
goto l2756
goto l2757
goto l2758
goto l2759
goto l2760
goto l2761
goto l2762
goto l2763
goto l2764
goto l2765
goto l2766
goto l2767
goto l2768
goto l2769
goto l2770
goto l2771
goto l2772
goto l2773
goto l2774
goto l2775
goto l2776
goto l2777
goto l2778
goto l2779
goto l2780
goto l2781
goto l2782
goto l2783
goto l2784
goto l2785
goto l2786
goto l2787
goto l2788
goto l2789
goto l2790
goto l2791
goto l2792
goto l2793
goto l2794
goto l2795
goto l2796
goto l2797
goto l2798
goto l2799
goto l2800
goto l2801
goto l2802
goto l2803
goto l2804
goto l2805
goto l2806
goto l2807
goto l2808
goto l2809
goto l2810
goto l2811
goto l2812
goto l2813
goto l2814
goto l2815
goto l2816
goto l2817
goto l2818
goto l2819
goto l2820
goto l2821
goto l2822
goto l2823
goto l2824
goto l2825
goto l2826
goto l2827
goto l2828
goto l2829
goto l2830
goto l2831
goto l2832
goto l2833
goto l2834
goto l2835
goto l2836
goto l2837
goto l2838
goto l2839
goto l2840
goto l2841
goto l2842
goto l2843
goto l2844
goto l2845
goto l2846
goto l2847
goto l2848
goto l2849
goto l2850
goto l2851
goto l2852
goto l2853
goto l2854
goto l2855
goto l2856
goto l2857
goto l2858
goto l2859
goto l2860
goto l2861
goto l2862
goto l2863
goto l2864
goto l2865
goto l2866
goto l2867
goto l2868
goto l2869
goto l2870
goto l2871
goto l2872
goto l2873
goto l2874
goto l2875
goto l2876
goto l2877
goto l2878
goto l2879
goto l2880
goto l2881
goto l2882
goto l2883
goto l2884
goto l2885
goto l2886
goto l2887
goto l2888
goto l2889
goto l2890
goto l2891
goto l2892
goto l2893
goto l2894
goto l2895
goto l2896
goto l2897
goto l2898
goto l2899
goto l2900
goto l2901
goto l2902
goto l2903
goto l2904
goto l2905
goto l2906
goto l2907
goto l2908
goto l2909
goto l2910
goto l2911
goto l2912
goto l2913
goto l2914
goto l2915
goto l2916
goto l2917
goto l2918
goto l2919
goto l2920
goto l2921
goto l2922
goto l2923
goto l2924
goto l2925
goto l2926
goto l2927
goto l2928
goto l2929
goto l2930
goto l2931
goto l2932
goto l2933
goto l2934
goto l2935
goto l2936
goto l2937
goto l2938
goto l2939
goto l2940
goto l2941
goto l2942
goto l2943
goto l2944
goto l2945
goto l2946
goto l2947
goto l2948
goto l2949
goto l2950
goto l2951
goto l2952
goto l2953
goto l2954
goto l2955
goto l2956
goto l2957
goto l2958
goto l2959
goto l2960
goto l2961
goto l2962
goto l2963
goto l2964
goto l2965
goto l2966
goto l2967
goto l2968
goto l2969
goto l2970
goto l2971
goto l2972
goto l2973
goto l2974
goto l2975
goto l2976
goto l2977
goto l2978
goto l2979
goto l2980
goto l2981
goto l2982
goto l2983
goto l2984
goto l2985
goto l2986
goto l2987
goto l2988
goto l2989
goto l2990
goto l2991
goto l2992
goto l2993
goto l2994
goto l2995
goto l2996
goto l2997
goto l2998
goto l2999
goto l3000
goto l3001
goto l3002
goto l3003
goto l3004
goto l3005
goto l3006
goto l3007
goto l3008
goto l3009
goto l3010
goto l3011
goto l3012
goto l3013
goto l3014
goto l3015
goto l3016
goto l3017
goto l3018
goto l3019
goto l3020
goto l3021
goto l3022
goto l3023
goto l3024
goto l3025
goto l3026
goto l3027
goto l3028
goto l3029
goto l3030
goto l3031
goto l3032
goto l3033
goto l3034
goto l3035
goto l3036
goto l3037
goto l3038
goto l3039
goto l3040
goto l3041
goto l3042
goto l3043
goto l3044
goto l3045
goto l3046
goto l3047
goto l3048
goto l3049
goto l3050
goto l3051
goto l3052
goto l3053
goto l3054
goto l3055
goto l3056
goto l3057
goto l3058
goto l3059
goto l3060
goto l3061
goto l3062
goto l3063
goto l3064
goto l3065
goto l3066
goto l3067
goto l3068
goto l3069
goto l3070
goto l3071
goto l3072
goto l3073
goto l3074
goto l3075
goto l3076
goto l3077
goto l3078
goto l3079
goto l3080
goto l3081
goto l3082
goto l3083
goto l3084
goto l3085
goto l3086
goto l3087
goto l3088
goto l3089
goto l3090
goto l3091
goto l3092
goto l3093
goto l3094
goto l3095
goto l3096
goto l3097
goto l3098
goto l3099
goto l3100
goto l3101
goto l3102
goto l3103
goto l3104
goto l3105
goto l3106
goto l3107
goto l3108
goto l3109
goto l3110
goto l3111
goto l3112
goto l3113
goto l3114
goto l3115
goto l3116
goto l3117
goto l3118
goto l3119
goto l3120
goto l3121
goto l3122
goto l3123
goto l3124
goto l3125
goto l3126
goto l3127
goto l3128
goto l3129
goto l3130
goto l3131
goto l3132
goto l3133
goto l3134
goto l3135
goto l3136
goto l3137
goto l3138
goto l3139
goto l3140
goto l3141
goto l3142
goto l3143
goto l3144
goto l3145
goto l3146
goto l3147
goto l3148
goto l3149
goto l3150
goto l3151
goto l3152
goto l3153
goto l3154
goto l3155
goto l3156
goto l3157
goto l3158
goto l3159
goto l3160
goto l3161
goto l3162
goto l3163
goto l3164
goto l3165
goto l3166
goto l3167
goto l3168
goto l3169
goto l3170
goto l3171
goto l3172
goto l3173
goto l3174
goto l3175
goto l3176
goto l3177
goto l3178
goto l3179
goto l3180
goto l3181
goto l3182
goto l3183
goto l3184
goto l3185
goto l3186
goto l3187
goto l3188
goto l3189
goto l3190
goto l3191
goto l3192
goto l3193
goto l3194
goto l3195
goto l3196
goto l3197
goto l3198
goto l3199
goto l3200
goto l3201
goto l3202
goto l3203
goto l3204
goto l3205
goto l3206
goto l3207
goto l3208
goto l3209
goto l3210
goto l3211
goto l3212
goto l3213
goto l3214
goto l3215
goto l3216
goto l3217
goto l3218
goto l3219
goto l3220
goto l3221
goto l3222
goto l3223
goto l3224
goto l3225
goto l3226
goto l3227
goto l3228
goto l3229
goto l3230
goto l3231
goto l3232
goto l3233
goto l3234
goto l3235
goto l3236
goto l3237
goto l3238
goto l3239
goto l3240
goto l3241
goto l3242
goto l3243
goto l3244
goto l3245
goto l3246
goto l3247
goto l3248
goto l3249
goto l3250
goto l3251
goto l3252
goto l3253
goto l3254
goto l3255
goto l3256
goto l3257
goto l3258
goto l3259
goto l3260
goto l3261
goto l3262
goto l3263
goto l3264
goto l3265
goto l3266
goto l3267
goto l3268
goto l3269
goto l3270
goto l3271
goto l3272
goto l3273
goto l3274
goto l3275
goto l3276
goto l3277
goto l3278
goto l3279
goto l3280
goto l3281
goto l3282
goto l3283
goto l3284
goto l3285
goto l3286
goto l3287
goto l3288
goto l3289
goto l3290
goto l3291
goto l3292
goto l3293
goto l3294
goto l3295
goto l3296
goto l3297
goto l3298
goto l3299
goto l3300
goto l3301
goto l3302
goto l3303
goto l3304
goto l3305
goto l3306
goto l3307
goto l3308
goto l3309
goto l3310
goto l3311
goto l3312
goto l3313
goto l3314
goto l3315
goto l3316
goto l3317
goto l3318
goto l3319
goto l3320
goto l3321
goto l3322
goto l3323
goto l3324
goto l3325
goto l3326
goto l3327
goto l3328
goto l3329
goto l3330
goto l3331
goto l3332
goto l3333
goto l3334
goto l3335
goto l3336
goto l3337
goto l3338
goto l3339
goto l3340
goto l3341
goto l3342
goto l3343
goto l3344
goto l3345
goto l3346
goto l3347
goto l3348
goto l3349
goto l3350
goto l3351
goto l3352
goto l3353
goto l3354
goto l3355
goto l3356
goto l3357
goto l3358
goto l3359
goto l3360
goto l3361
goto l3362
goto l3363
goto l3364
goto l3365
goto l3366
goto l3367
goto l3368
goto l3369
goto l3370
goto l3371
goto l3372
goto l3373
goto l3374
goto l3375
goto l3376
goto l3377
goto l3378
goto l3379
goto l3380
goto l3381
goto l3382
goto l3383
goto l3384
goto l3385
goto l3386
goto l3387
goto l3388
goto l3389
goto l3390
goto l3391
goto l3392
goto l3393
goto l3394
goto l3395
goto l3396
goto l3397
goto l3398
goto l3399
goto l3400
goto l3401
goto l3402
goto l3403
goto l3404
goto l3405
goto l3406
goto l3407
goto l3408
goto l3409
goto l3410
goto l3411
goto l3412
goto l3413
goto l3414
goto l3415
goto l3416
goto l3417
goto l3418
goto l3419
goto l3420
goto l3421
goto l3422
goto l3423
goto l3424
goto l3425
goto l3426
goto l3427
goto l3428
goto l3429
goto l3430
goto l3431
goto l3432
goto l3433
goto l3434
goto l3435
goto l3436
goto l3437
goto l3438
goto l3439
goto l3440
goto l3441
goto l3442
goto l3443
goto l3444
goto l3445
goto l3446
goto l3447
goto l3448
goto l3449
goto l3450
goto l3451
goto l3452
goto l3453
goto l3454
goto l3455
goto l3456
goto l3457
goto l3458
goto l3459
goto l3460
goto l3461
goto l3462
goto l3463
goto l3464
goto l3465
goto l3466
goto l3467
goto l3468
goto l3469
goto l3470
goto l3471
goto l3472
goto l3473
goto l3474
goto l3475
goto l3476
goto l3477
goto l3478
goto l3479
goto l3480
goto l3481
goto l3482
goto l3483
goto l3484
goto l3485
goto l3486
goto l3487
goto l3488
goto l3489
goto l3490
goto l3491
goto l3492
goto l3493
goto l3494
goto l3495
goto l3496
goto l3497
goto l3498
goto l3499
goto l3500
goto l3501
goto l3502
goto l3503
goto l3504
goto l3505
goto l3506
goto l3507
goto l3508
goto l3509
goto l3510
goto l3511
goto l3512
goto l3513
goto l3514
goto l3515
goto l3516
goto l3517
goto l3518
goto l3519
goto l3520
goto l3521
goto l3522
goto l3523
goto l3524
goto l3525
goto l3526
goto l3527
goto l3528
goto l3529
goto l3530
goto l3531
goto l3532
goto l3533
goto l3534
goto l3535
goto l3536
goto l3537
goto l3538
goto l3539
goto l3540
goto l3541
goto l3542
goto l3543
goto l3544
goto l3545
goto l3546
goto l3547
goto l3548
goto l3549
goto l3550
goto l3551
goto l3552
goto l3553
goto l3554
goto l3555
goto l3556
goto l3557
goto l3558
goto l3559
goto l3560
goto l3561
goto l3562
goto l3563
goto l3564
goto l3565
goto l3566
goto l3567
goto l3568
goto l3569
goto l3570
goto l3571
goto l3572
goto l3573
goto l3574
goto l3575
goto l3576
goto l3577
goto l3578
goto l3579
goto l3580
goto l3581
goto l3582
goto l3583
goto l3584
goto l3585
goto l3586
goto l3587
goto l3588
goto l3589
goto l3590
goto l3591
goto l3592
goto l3593
goto l3594
goto l3595
goto l3596
goto l3597
goto l3598
goto l3599
goto l3600
goto l3601
goto l3602
goto l3603
goto l3604
goto l3605
goto l3606
goto l3607
goto l3608
goto l3609
goto l3610
goto l3611
goto l3612
goto l3613
goto l3614
goto l3615
goto l3616
goto l3617
goto l3618
goto l3619
goto l3620
goto l3621
goto l3622
goto l3623
goto l3624
goto l3625
goto l3626
goto l3627
goto l3628
goto l3629
goto l3630
goto l3631
goto l3632
goto l3633
goto l3634
goto l3635
goto l3636
goto l3637
goto l3638
goto l3639
goto l3640
goto l3641
goto l3642
goto l3643
goto l3644
goto l3645
goto l3646
goto l3647
goto l3648
goto l3649
goto l3650
goto l3651
goto l3652
goto l3653
goto l3654
goto l3655
goto l3656
goto l3657
goto l3658
goto l3659
goto l3660
goto l3661
goto l3662
goto l3663
goto l3664
goto l3665
goto l3666
goto l3667
goto l3668
goto l3669
goto l3670
goto l3671
goto l3672
goto l3673
goto l3674
goto l3675
goto l3676
goto l3677
goto l3678
goto l3679
goto l3680
goto l3681
goto l3682
goto l3683
goto l3684
goto l3685
goto l3686
goto l3687
goto l3688
goto l3689
goto l3690
goto l3691
goto l3692
goto l3693
goto l3694
goto l3695
goto l3696
goto l3697
goto l3698
goto l3699
goto l3700
goto l3701
goto l3702
goto l3703
goto l3704
goto l3705
goto l3706
goto l3707
goto l3708
goto l3709
goto l3710
goto l3711
goto l3712
goto l3713
goto l3714
goto l3715
goto l3716
goto l3717
goto l3718
goto l3719
goto l3720
goto l3721
goto l3722
goto l3723
goto l3724
goto l3725
goto l3726
goto l3727
goto l3728
goto l3729
goto l3730
goto l3731
goto l3732
goto l3733
goto l3734
goto l3735
goto l3736
goto l3737
goto l3738
goto l3739
goto l3740
goto l3741
goto l3742
goto l3743
goto l3744
goto l3745
goto l3746
goto l3747
goto l3748
goto l3749
goto l3750
goto l3751
goto l3752
goto l3753
goto l3754
goto l3755
goto l3756
goto l3757
goto l3758
goto l3759
goto l3760
goto l3761
goto l3762
goto l3763
goto l3764
goto l3765
goto l3766
goto l3767
goto l3768
goto l3769
goto l3770
goto l3771
goto l3772
goto l3773
goto l3774
goto l3775
goto l3776
goto l3777
goto l3778
goto l3779
goto l3780
goto l3781
goto l3782
goto l3783
goto l3784
goto l3785
goto l3786
goto l3787
goto l3788
goto l3789
goto l3790
goto l3791
goto l3792
goto l3793
goto l3794
goto l3795
goto l3796
goto l3797
goto l3798
goto l3799
goto l3800
goto l3801
goto l3802
goto l3803
goto l3804
goto l3805
goto l3806
goto l3807
goto l3808
goto l3809
goto l3810
goto l3811
goto l3812
goto l3813
goto l3814
goto l3815
goto l3816
goto l3817
goto l3818
goto l3819
goto l3820
goto l3821
goto l3822
goto l3823
goto l3824
goto l3825
goto l3826
goto l3827
goto l3828
goto l3829
goto l3830
goto l3831
goto l3832
goto l3833
goto l3834
goto l3835
goto l3836
goto l3837
goto l3838
goto l3839
goto l3840
goto l3841
goto l3842
goto l3843
goto l3844
goto l3845
goto l3846
goto l3847
goto l3848
goto l3849
goto l3850
goto l3851
goto l3852
goto l3853
goto l3854
goto l3855
goto l3856
goto l3857
goto l3858
goto l3859
goto l3860
goto l3861
goto l3862
goto l3863
goto l3864
goto l3865
goto l3866
goto l3867
goto l3868
goto l3869
goto l3870
goto l3871
goto l3872
goto l3873
goto l3874
goto l3875
goto l3876
goto l3877
goto l3878
goto l3879
goto l3880
goto l3881
goto l3882
goto l3883
goto l3884
goto l3885
goto l3886
goto l3887
goto l3888
goto l3889
goto l3890
goto l3891
goto l3892
goto l3893
goto l3894
goto l3895
goto l3896
goto l3897
goto l3898
goto l3899
goto l3900
goto l3901
goto l3902
goto l3903
goto l3904
goto l3905
goto l3906
goto l3907
goto l3908
goto l3909
goto l3910
goto l3911
goto l3912
goto l3913
goto l3914
goto l3915
goto l3916
goto l3917
goto l3918
goto l3919
goto l3920
goto l3921
goto l3922
goto l3923
goto l3924
goto l3925
goto l3926
goto l3927
goto l3928
goto l3929
goto l3930
goto l3931
goto l3932
goto l3933
goto l3934
goto l3935
goto l3936
goto l3937
goto l3938
goto l3939
goto l3940
goto l3941
goto l3942
goto l3943
goto l3944
goto l3945
goto l3946
goto l3947
goto l3948
goto l3949
goto l3950
goto l3951
goto l3952
goto l3953
goto l3954
goto l3955
goto l3956
goto l3957
goto l3958
goto l3959
goto l3960
goto l3961
goto l3962
goto l3963
goto l3964
goto l3965
goto l3966
goto l3967
goto l3968
goto l3969
goto l3970
goto l3971
goto l3972
goto l3973
goto l3974
goto l3975
goto l3976
goto l3977
goto l3978
goto l3979
goto l3980
goto l3981
goto l3982
goto l3983
goto l3984
goto l3985
goto l3986
goto l3987
goto l3988
goto l3989
goto l3990
goto l3991
goto l3992
goto l3993
goto l3994
goto l3995
goto l3996
goto l3997
goto l3998
goto l3999
goto l4000
goto l4001
goto l4002
goto l4003
goto l4004
goto l4005
goto l4006
goto l4007
goto l4008
goto l4009
goto l4010
goto l4011
goto l4012
goto l4013
goto l4014
goto l4015
goto l4016
goto l4017
goto l4018
goto l4019
goto l4020
goto l4021
goto l4022
goto l4023
goto l4024
goto l4025
goto l4026
goto l4027
goto l4028
goto l4029
goto l4030
goto l4031
goto l4032
goto l4033
goto l4034
goto l4035
goto l4036
goto l4037
goto l4038
goto l4039
goto l4040
goto l4041
goto l4042
goto l4043
goto l4044
goto l4045
goto l4046
goto l4047
goto l4048
goto l4049
goto l4050
goto l4051
goto l4052
goto l4053
goto l4054
goto l4055
goto l4056
goto l4057
goto l4058
goto l4059
goto l4060
goto l4061
goto l4062
goto l4063
goto l4064
goto l4065
goto l4066
goto l4067
goto l4068
goto l4069
goto l4070
goto l4071
goto l4072
goto l4073
goto l4074
goto l4075
goto l4076
goto l4077
goto l4078
goto l4079
goto l4080
goto l4081
goto l4082
goto l4083
goto l4084
goto l4085
goto l4086
goto l4087
goto l4088
goto l4089
goto l4090
goto l4091
goto l4092
goto l4093
goto l4094
goto l4095
goto l4096
goto l4097
goto l4098
goto l4099
goto l4100
goto l4101
goto l4102
goto l4103
goto l4104
goto l4105
goto l4106
goto l4107
goto l4108
goto l4109
goto l4110
goto l4111
goto l4112
goto l4113
goto l4114
goto l4115
goto l4116
goto l4117
goto l4118
goto l4119
goto l4120
goto l4121
goto l4122
goto l4123
goto l4124
goto l4125
goto l4126
goto l4127
goto l4128
goto l4129
goto l4130
goto l4131
goto l4132
goto l4133
goto l4134
goto l4135
goto l4136
goto l4137
goto l4138
goto l4139
goto l4140
goto l4141
goto l4142
goto l4143
goto l4144
goto l4145
goto l4146
goto l4147
goto l4148
goto l4149
goto l4150
goto l4151
goto l4152
goto l4153
goto l4154
goto l4155
goto l4156
goto l4157
goto l4158
goto l4159
goto l4160
goto l4161
goto l4162
goto l4163
goto l4164
goto l4165
goto l4166
goto l4167
goto l4168
goto l4169
goto l4170
goto l4171
goto l4172
goto l4173
goto l4174
goto l4175
goto l4176
goto l4177
goto l4178
goto l4179
goto l4180
goto l4181
goto l4182
goto l4183
goto l4184
goto l4185
goto l4186
goto l4187
goto l4188
goto l4189
goto l4190
goto l4191
goto l4192
goto l4193
goto l4194
goto l4195
goto l4196
goto l4197
goto l4198
goto l4199
goto l4200
goto l4201
goto l4202
goto l4203
goto l4204
goto l4205
goto l4206
goto l4207
goto l4208
goto l4209
goto l4210
goto l4211
goto l4212
goto l4213
goto l4214
goto l4215
goto l4216
goto l4217
goto l4218
goto l4219
goto l4220
goto l4221
goto l4222
goto l4223
goto l4224
goto l4225
goto l4226
goto l4227
goto l4228
goto l4229
goto l4230
goto l4231
goto l4232
goto l4233
goto l4234
goto l4235
goto l4236
goto l4237
goto l4238
goto l4239
goto l4240
goto l4241
goto l4242
goto l4243
goto l4244
goto l4245
goto l4246
goto l4247
goto l4248
goto l4249
goto l4250
goto l4251
goto l4252
goto l4253
goto l4254
goto l4255
goto l4256
goto l4257
goto l4258
goto l4259
goto l4260
goto l4261
goto l4262
goto l4263
goto l4264
goto l4265
goto l4266
goto l4267
goto l4268
goto l4269
goto l4270
goto l4271
goto l4272
goto l4273
goto l4274
goto l4275
goto l4276
goto l4277
goto l4278
goto l4279
goto l4280
goto l4281
goto l4282
goto l4283
goto l4284
goto l4285
goto l4286
goto l4287
goto l4288
goto l4289
goto l4290
goto l4291
goto l4292
goto l4293
goto l4294
goto l4295
goto l4296
goto l4297
goto l4298
goto l4299
goto l4300
goto l4301
goto l4302
goto l4303
goto l4304
goto l4305
goto l4306
goto l4307
goto l4308
goto l4309
goto l4310
goto l4311
goto l4312
goto l4313
goto l4314
goto l4315
goto l4316
goto l4317
goto l4318
goto l4319
goto l4320
goto l4321
goto l4322
goto l4323
goto l4324
goto l4325
goto l4326
goto l4327
goto l4328
goto l4329
goto l4330
goto l4331
goto l4332
goto l4333
goto l4334
goto l4335
goto l4336
goto l4337
goto l4338
goto l4339
goto l4340
goto l4341
goto l4342
goto l4343
goto l4344
goto l4345
goto l4346
goto l4347
goto l4348
goto l4349
goto l4350
goto l4351
goto l4352
goto l4353
goto l4354
goto l4355
goto l4356
goto l4357
goto l4358
goto l4359
goto l4360
goto l4361
goto l4362
goto l4363
goto l4364
goto l4365
goto l4366
goto l4367
goto l4368
goto l4369
goto l4370
goto l4371
goto l4372
goto l4373
goto l4374
goto l4375
goto l4376
goto l4377
goto l4378
goto l4379
goto l4380
goto l4381
goto l4382
goto l4383
goto l4384
goto l4385
goto l4386
goto l4387
goto l4388
goto l4389
goto l4390
goto l4391
goto l4392
goto l4393
goto l4394
goto l4395
goto l4396
goto l4397
goto l4398
goto l4399
goto l4400
goto l4401
goto l4402
goto l4403
goto l4404
goto l4405
goto l4406
goto l4407
goto l4408
goto l4409
goto l4410
goto l4411
goto l4412
goto l4413
goto l4414
goto l4415
goto l4416
goto l4417
goto l4418
goto l4419
goto l4420
goto l4421
goto l4422
goto l4423
goto l4424
goto l4425
goto l4426
goto l4427
goto l4428
goto l4429
goto l4430
goto l4431
goto l4432
goto l4433
goto l4434
goto l4435
goto l4436
goto l4437
goto l4438
goto l4439
goto l4440
goto l4441
goto l4442
goto l4443
goto l4444
goto l4445
goto l4446
goto l4447
goto l4448
goto l4449
goto l4450
goto l4451
goto l4452
goto l4453
goto l4454
goto l4455
goto l4456
goto l4457
goto l4458
goto l4459
goto l4460
goto l4461
goto l4462
goto l4463
goto l4464
goto l4465
goto l4466
goto l4467
goto l4468
goto l4469
goto l4470
goto l4471
goto l4472
goto l4473
goto l4474
goto l4475
goto l4476
goto l4477
goto l4478
goto l4479
goto l4480
goto l4481
goto l4482
goto l4483
goto l4484
goto l4485
goto l4486
goto l4487
goto l4488
goto l4489
goto l4490
goto l4491
goto l4492
goto l4493
goto l4494
goto l4495
goto l4496
goto l4497
goto l4498
goto l4499
goto l4500
goto l4501
goto l4502
goto l4503
goto l4504
goto l4505
goto l4506
goto l4507
goto l4508
goto l4509
goto l4510
goto l4511
goto l4512
goto l4513
goto l4514
goto l4515
goto l4516
goto l4517
goto l4518
goto l4519
goto l4520
goto l4521
goto l4522
goto l4523
goto l4524
goto l4525
goto l4526
goto l4527
goto l4528
goto l4529
goto l4530
goto l4531
goto l4532
goto l4533
goto l4534
goto l4535
goto l4536
goto l4537
goto l4538
goto l4539
goto l4540
goto l4541
goto l4542
goto l4543
goto l4544
goto l4545
goto l4546
goto l4547
goto l4548
goto l4549
goto l4550
goto l4551
goto l4552
goto l4553
goto l4554
goto l4555
goto l4556
goto l4557
goto l4558
goto l4559
goto l4560
goto l4561
goto l4562
goto l4563
goto l4564
goto l4565
goto l4566
goto l4567
goto l4568
goto l4569
goto l4570
goto l4571
goto l4572
goto l4573
goto l4574
goto l4575
goto l4576
goto l4577
goto l4578
goto l4579
goto l4580
goto l4581
goto l4582
goto l4583
goto l4584
goto l4585
goto l4586
goto l4587
goto l4588
goto l4589
goto l4590
goto l4591
goto l4592
goto l4593
goto l4594
goto l4595
goto l4596
goto l4597
goto l4598
goto l4599
goto l4600
goto l4601
goto l4602
goto l4603
goto l4604
goto l4605
goto l4606
goto l4607
goto l4608
goto l4609
goto l4610
goto l4611
goto l4612
goto l4613
goto l4614
goto l4615
goto l4616
goto l4617
goto l4618
goto l4619
goto l4620
goto l4621
goto l4622
goto l4623
goto l4624
goto l4625
goto l4626
goto l4627
goto l4628
goto l4629
goto l4630
goto l4631
goto l4632
goto l4633
goto l4634
goto l4635
goto l4636
goto l4637
goto l4638
goto l4639
goto l4640
goto l4641
goto l4642
goto l4643
goto l4644
goto l4645
goto l4646
goto l4647
goto l4648
goto l4649
goto l4650
goto l4651
goto l4652
goto l4653
goto l4654
goto l4655
goto l4656
goto l4657
goto l4658
goto l4659
goto l4660
goto l4661
goto l4662
goto l4663
goto l4664
goto l4665
goto l4666
goto l4667
goto l4668
goto l4669
goto l4670
goto l4671
goto l4672
goto l4673
goto l4674
goto l4675
goto l4676
goto l4677
goto l4678
goto l4679
goto l4680
goto l4681
goto l4682
goto l4683
goto l4684
goto l4685
goto l4686
goto l4687
goto l4688
goto l4689
goto l4690
goto l4691
goto l4692
goto l4693
goto l4694
goto l4695
goto l4696
goto l4697
goto l4698
goto l4699
goto l4700
goto l4701
goto l4702
goto l4703
goto l4704
goto l4705
goto l4706
goto l4707
goto l4708
goto l4709
goto l4710
goto l4711
goto l4712
goto l4713
goto l4714
goto l4715
goto l4716
goto l4717
goto l4718
goto l4719
goto l4720
goto l4721
goto l4722
goto l4723
goto l4724
goto l4725
goto l4726
goto l4727
goto l4728
goto l4729
goto l4730
goto l4731
goto l4732
goto l4733
goto l4734
goto l4735
goto l4736
goto l4737
goto l4738
goto l4739
goto l4740
goto l4741
goto l4742
goto l4743
goto l4744
goto l4745
goto l4746
goto l4747
goto l4748
goto l4749
goto l4750
goto l4751
goto l4752
goto l4753
goto l4754
goto l4755
goto l4756
goto l4757
goto l4758
goto l4759
goto l4760
goto l4761
goto l4762
goto l4763
goto l4764
goto l4765
goto l4766
goto l4767
goto l4768
goto l4769
goto l4770
goto l4771
goto l4772
goto l4773
goto l4774
goto l4775
goto l4776
goto l4777
goto l4778
goto l4779
goto l4780
goto l4781
goto l4782
goto l4783
goto l4784
goto l4785
goto l4786
goto l4787
goto l4788
goto l4789
goto l4790
goto l4791
goto l4792
goto l4793
goto l4794
goto l4795
goto l4796
goto l4797
goto l4798
goto l4799
goto l4800
goto l4801
goto l4802
goto l4803
goto l4804
goto l4805
goto l4806
goto l4807
goto l4808
goto l4809
goto l4810
goto l4811
goto l4812
goto l4813
goto l4814
goto l4815
goto l4816
goto l4817
goto l4818
goto l4819
goto l4820
goto l4821
goto l4822
goto l4823
goto l4824
goto l4825
goto l4826
goto l4827
goto l4828
goto l4829
goto l4830
goto l4831
goto l4832
goto l4833
goto l4834
goto l4835
goto l4836
goto l4837
goto l4838
goto l4839
goto l4840
goto l4841
goto l4842
goto l4843
goto l4844
goto l4845
goto l4846
goto l4847
goto l4848
goto l4849
goto l4850
goto l4851
goto l4852
goto l4853
goto l4854
goto l4855
goto l4856
goto l4857
goto l4858
goto l4859
goto l4860
goto l4861
goto l4862
goto l4863
goto l4864
goto l4865
goto l4866
goto l4867
goto l4868
goto l4869
goto l4870
goto l4871
goto l4872
goto l4873
goto l4874
goto l4875
goto l4876
goto l4877
goto l4878
goto l4879
goto l4880
goto l4881
goto l4882
goto l4883
goto l4884
goto l4885
goto l4886
goto l4887
goto l4888
goto l4889
goto l4890
goto l4891
goto l4892
goto l4893
goto l4894
goto l4895
goto l4896
goto l4897
goto l4898
goto l4899
goto l4900
goto l4901
goto l4902
goto l4903
goto l4904
goto l4905
goto l4906
goto l4907
goto l4908
goto l4909
goto l4910
goto l4911
goto l4912
goto l4913
goto l4914
goto l4915
goto l4916
goto l4917
goto l4918
goto l4919
goto l4920
goto l4921
goto l4922
goto l4923
goto l4924
goto l4925
goto l4926
goto l4927
goto l4928
goto l4929
goto l4930
goto l4931
goto l4932
goto l4933
goto l4934
goto l4935
goto l4936
goto l4937
goto l4938
goto l4939
goto l4940
goto l4941
goto l4942
goto l4943
goto l4944
goto l4945
goto l4946
goto l4947
goto l4948
goto l4949
goto l4950
goto l4951
goto l4952
goto l4953
goto l4954
goto l4955
goto l4956
goto l4957
goto l4958
goto l4959
goto l4960
goto l4961
goto l4962
goto l4963
goto l4964
goto l4965
goto l4966
goto l4967
goto l4968
goto l4969
goto l4970
goto l4971
goto l4972
goto l4973
goto l4974
goto l4975
goto l4976
goto l4977
goto l4978
goto l4979
goto l4980
goto l4981
goto l4982
goto l4983
goto l4984
goto l4985
goto l4986
goto l4987
goto l4988
goto l4989
goto l4990
goto l4991
goto l4992
goto l4993
goto l4994
goto l4995
goto l4996
goto l4997
goto l4998
goto l4999
goto l5000
goto l5001
goto l5002
goto l5003
goto l5004
goto l5005
goto l5006
goto l5007
goto l5008
goto l5009
goto l5010
goto l5011
goto l5012
goto l5013
goto l5014
goto l5015
goto l5016
goto l5017
goto l5018
goto l5019
goto l5020
goto l5021
goto l5022
goto l5023
goto l5024
goto l5025
goto l5026
goto l5027
goto l5028
goto l5029
goto l5030
goto l5031
goto l5032
goto l5033
goto l5034
goto l5035
goto l5036
goto l5037
goto l5038
goto l5039
goto l5040
goto l5041
goto l5042
goto l5043
goto l5044
goto l5045
goto l5046
goto l5047
goto l5048
goto l5049
goto l5050
goto l5051
goto l5052
goto l5053
goto l5054
goto l5055
goto l5056
goto l5057
goto l5058
goto l5059
goto l5060
goto l5061
goto l5062
goto l5063
goto l5064
goto l5065
goto l5066
goto l5067
goto l5068
goto l5069
goto l5070
goto l5071
goto l5072
goto l5073
goto l5074
goto l5075
goto l5076
goto l5077
goto l5078
goto l5079
goto l5080
goto l5081
goto l5082
goto l5083
goto l5084
goto l5085
goto l5086
goto l5087
goto l5088
goto l5089
goto l5090
goto l5091
goto l5092
goto l5093
goto l5094
goto l5095
goto l5096
goto l5097
goto l5098
goto l5099
goto l5100
goto l5101
goto l5102
goto l5103
goto l5104
goto l5105
goto l5106
goto l5107
goto l5108
goto l5109
goto l5110
goto l5111
goto l5112
goto l5113
goto l5114
goto l5115
goto l5116
goto l5117
goto l5118
goto l5119
goto l5120
goto l5121
goto l5122
goto l5123
goto l5124
goto l5125
goto l5126
goto l5127
goto l5128
goto l5129
goto l5130
goto l5131
goto l5132
goto l5133
goto l5134
goto l5135
goto l5136
goto l5137
goto l5138
goto l5139
goto l5140
goto l5141
goto l5142
goto l5143
goto l5144
goto l5145
goto l5146
goto l5147
goto l5148
goto l5149
goto l5150
goto l5151
goto l5152
goto l5153
goto l5154
goto l5155
goto l5156
goto l5157
goto l5158
goto l5159
goto l5160
goto l5161
goto l5162
goto l5163
goto l5164
goto l5165
goto l5166
goto l5167
goto l5168
goto l5169
goto l5170
goto l5171
goto l5172
goto l5173
goto l5174
goto l5175
goto l5176
goto l5177
goto l5178
goto l5179
goto l5180
goto l5181
goto l5182
goto l5183
goto l5184
goto l5185
goto l5186
goto l5187
goto l5188
goto l5189
goto l5190
goto l5191
goto l5192
goto l5193
goto l5194
goto l5195
goto l5196
goto l5197
goto l5198
goto l5199
goto l5200
goto l5201
goto l5202
goto l5203
goto l5204
goto l5205
goto l5206
goto l5207
goto l5208
goto l5209
goto l5210
goto l5211
goto l5212
goto l5213
goto l5214
goto l5215
goto l5216
goto l5217
goto l5218
goto l5219
goto l5220
goto l5221
goto l5222
goto l5223
goto l5224
goto l5225
goto l5226
goto l5227
goto l5228
goto l5229
goto l5230
goto l5231
goto l5232
goto l5233
goto l5234
goto l5235
goto l5236
goto l5237
goto l5238
goto l5239
goto l5240
goto l5241
goto l5242
goto l5243
goto l5244
goto l5245
goto l5246
goto l5247
goto l5248
goto l5249
goto l5250
goto l5251
goto l5252
goto l5253
goto l5254
goto l5255
goto l5256
goto l5257
goto l5258
goto l5259
goto l5260
goto l5261
goto l5262
goto l5263
goto l5264
goto l5265
goto l5266
goto l5267
goto l5268
goto l5269
goto l5270
goto l5271
goto l5272
goto l5273
goto l5274
goto l5275
goto l5276
goto l5277
goto l5278
goto l5279
goto l5280
goto l5281
goto l5282
goto l5283
goto l5284
goto l5285
goto l5286
goto l5287
goto l5288
goto l5289
goto l5290
goto l5291
goto l5292
goto l5293
goto l5294
goto l5295
goto l5296
goto l5297
goto l5298
goto l5299
goto l5300
goto l5301
goto l5302
goto l5303
goto l5304
goto l5305
goto l5306
goto l5307
goto l5308
goto l5309
goto l5310
goto l5311
goto l5312
goto l5313
goto l5314
goto l5315
goto l5316
goto l5317
goto l5318
goto l5319
goto l5320
goto l5321
goto l5322
goto l5323
goto l5324
goto l5325
goto l5326
goto l5327
goto l5328
goto l5329
goto l5330
goto l5331
goto l5332
goto l5333
goto l5334
goto l5335
goto l5336
goto l5337
goto l5338
goto l5339
goto l5340
goto l5341
goto l5342
goto l5343
goto l5344
goto l5345
goto l5346
goto l5347
goto l5348
goto l5349
goto l5350
goto l5351
goto l5352
goto l5353
goto l5354
goto l5355
goto l5356
goto l5357
goto l5358
goto l5359
goto l5360
goto l5361
goto l5362
goto l5363
goto l5364
goto l5365
goto l5366
goto l5367
goto l5368
goto l5369
goto l5370
goto l5371
goto l5372
goto l5373
goto l5374
goto l5375
goto l5376
goto l5377
goto l5378
goto l5379
goto l5380
goto l5381
goto l5382
goto l5383
goto l5384
goto l5385
goto l5386
goto l5387
goto l5388
goto l5389
goto l5390
goto l5391
goto l5392
goto l5393
goto l5394
goto l5395
goto l5396
goto l5397
goto l5398
goto l5399
goto l5400
goto l5401
goto l5402
goto l5403
goto l5404
goto l5405
goto l5406
goto l5407
goto l5408
goto l5409
goto l5410
goto l5411
goto l5412
goto l5413
goto l5414
goto l5415
goto l5416
goto l5417
goto l5418
goto l5419
goto l5420
goto l5421
goto l5422
goto l5423
goto l5424
goto l5425
goto l5426
goto l5427
goto l5428
goto l5429
goto l5430
goto l5431
goto l5432
goto l5433
goto l5434
goto l5435
goto l5436
goto l5437
goto l5438
goto l5439
goto l5440
goto l5441
goto l5442
goto l5443
goto l5444
goto l5445
goto l5446
goto l5447
goto l5448
goto l5449
goto l5450
goto l5451
goto l5452
goto l5453
goto l5454
goto l5455
goto l5456
goto l5457
goto l5458
goto l5459
goto l5460
goto l5461
goto l5462
goto l5463
goto l5464
goto l5465
goto l5466
goto l5467
goto l5468
goto l5469
goto l5470
goto l5471
goto l5472
goto l5473
goto l5474
goto l5475
goto l5476
goto l5477
goto l5478
goto l5479
goto l5480
goto l5481
goto l5482
goto l5483
goto l5484
goto l5485
goto l5486
goto l5487
goto l5488
goto l5489
goto l5490
goto l5491
goto l5492
goto l5493
goto l5494
goto l5495
goto l5496
goto l5497
goto l5498
goto l5499
goto l5500
goto l5501
goto l5502
goto l5503
goto l5504
goto l5505
goto l5506
goto l5507
goto l5508
goto l5509
goto l5510
goto l5511
goto l5512
goto l5513
goto l5514
goto l5515
goto l5516
goto l5517
goto l5518
goto l5519
goto l5520
goto l5521
goto l5522
goto l5523
goto l5524
goto l5525
goto l5526
goto l5527
goto l5528
goto l5529
goto l5530
goto l5531
goto l5532
goto l5533
goto l5534
goto l5535
goto l5536
goto l5537
goto l5538
goto l5539
goto l5540
goto l5541
goto l5542
goto l5543
goto l5544
goto l5545
goto l5546
goto l5547
goto l5548
goto l5549
goto l5550
goto l5551
goto l5552
goto l5553
goto l5554
goto l5555
goto l5556
goto l5557
goto l5558
goto l5559
goto l5560
goto l5561
goto l5562
goto l5563
goto l5564
goto l5565
goto l5566
goto l5567
goto l5568
goto l5569
goto l5570
goto l5571
goto l5572
goto l5573
goto l5574
goto l5575
goto l5576
goto l5577
goto l5578
goto l5579
goto l5580
goto l5581
goto l5582
goto l5583
goto l5584
goto l5585
goto l5586
goto l5587
goto l5588
goto l5589
goto l5590
goto l5591
goto l5592
goto l5593
goto l5594
goto l5595
goto l5596
goto l5597
goto l5598
goto l5599
goto l5600
goto l5601
goto l5602
goto l5603
goto l5604
goto l5605
goto l5606
goto l5607
goto l5608
goto l5609
goto l5610
goto l5611
goto l5612
goto l5613
goto l5614
goto l5615
goto l5616
goto l5617
goto l5618
goto l5619
goto l5620
goto l5621
goto l5622
goto l5623
goto l5624
goto l5625
goto l5626
goto l5627
goto l5628
goto l5629
goto l5630
goto l5631
goto l5632
goto l5633
goto l5634
goto l5635
goto l5636
goto l5637
goto l5638
goto l5639
goto l5640
goto l5641
goto l5642
goto l5643
goto l5644
goto l5645
goto l5646
goto l5647
goto l5648
goto l5649
goto l5650
goto l5651
goto l5652
goto l5653
goto l5654
goto l5655
goto l5656
goto l5657
goto l5658
goto l5659
goto l5660
goto l5661
goto l5662
goto l5663
goto l5664
goto l5665
goto l5666
goto l5667
goto l5668
goto l5669
goto l5670
goto l5671
goto l5672
goto l5673
goto l5674
goto l5675
goto l5676
goto l5677
goto l5678
goto l5679
goto l5680
goto l5681
goto l5682
goto l5683
goto l5684
goto l5685
goto l5686
goto l5687
goto l5688
goto l5689
goto l5690
goto l5691
goto l5692
goto l5693
goto l5694
goto l5695
goto l5696
goto l5697
goto l5698
goto l5699
goto l5700
goto l5701
goto l5702
goto l5703
goto l5704
goto l5705
goto l5706
goto l5707
goto l5708
goto l5709
goto l5710
goto l5711
goto l5712
goto l5713
goto l5714
goto l5715
goto l5716
goto l5717
goto l5718
goto l5719
goto l5720
goto l5721
goto l5722
goto l5723
goto l5724
goto l5725
goto l5726
goto l5727
goto l5728
goto l5729
goto l5730
goto l5731
goto l5732
goto l5733
goto l5734
goto l5735
goto l5736
goto l5737
goto l5738
goto l5739
goto l5740
goto l5741
goto l5742
goto l5743
goto l5744
goto l5745
goto l5746
goto l5747
goto l5748
goto l5749
goto l5750
goto l5751
goto l5752
goto l5753
goto l5754
goto l5755
goto l5756
goto l5757
goto l5758
goto l5759
goto l5760
goto l5761
goto l5762
goto l5763
goto l5764
goto l5765
goto l5766
goto l5767
goto l5768
goto l5769
goto l5770
goto l5771
goto l5772
goto l5773
goto l5774
goto l5775
goto l5776
goto l5777
goto l5778
goto l5779
goto l5780
goto l5781
goto l5782
goto l5783
goto l5784
goto l5785
goto l5786
goto l5787
goto l5788
goto l5789
goto l5790
goto l5791
goto l5792
goto l5793
goto l5794
goto l5795
goto l5796
goto l5797
goto l5798
goto l5799
goto l5800
goto l5801
goto l5802
goto l5803
goto l5804
goto l5805
goto l5806
goto l5807
goto l5808
goto l5809
goto l5810
goto l5811
goto l5812
goto l5813
goto l5814
goto l5815
goto l5816
goto l5817
goto l5818
goto l5819
goto l5820
goto l5821
goto l5822
goto l5823
goto l5824
goto l5825
goto l5826
goto l5827
goto l5828
goto l5829
goto l5830
goto l5831
goto l5832
goto l5833
goto l5834
goto l5835
goto l5836
goto l5837
goto l5838
goto l5839
goto l5840
goto l5841
goto l5842
goto l5843
goto l5844
goto l5845
goto l5846
goto l5847
goto l5848
goto l5849
goto l5850
goto l5851
goto l5852
goto l5853
goto l5854
goto l5855
goto l5856
goto l5857
goto l5858
goto l5859
goto l5860
goto l5861
goto l5862
goto l5863
goto l5864
goto l5865
goto l5866
goto l5867
goto l5868
goto l5869
goto l5870
goto l5871
goto l5872
goto l5873
goto l5874
goto l5875
goto l5876
goto l5877
goto l5878
goto l5879
goto l5880
goto l5881
goto l5882
goto l5883
goto l5884
goto l5885
goto l5886
goto l5887
goto l5888
goto l5889
goto l5890
goto l5891
goto l5892
goto l5893
goto l5894
goto l5895
goto l5896
goto l5897
goto l5898
goto l5899
goto l5900
goto l5901
goto l5902
goto l5903
goto l5904
goto l5905
goto l5906
goto l5907
goto l5908
goto l5909
goto l5910
goto l5911
goto l5912
goto l5913
goto l5914
goto l5915
goto l5916
goto l5917
goto l5918
goto l5919
goto l5920
goto l5921
goto l5922
goto l5923
goto l5924
goto l5925
goto l5926
goto l5927
goto l5928
goto l5929
goto l5930
goto l5931
goto l5932
goto l5933
goto l5934
goto l5935
goto l5936
goto l5937
goto l5938
goto l5939
goto l5940
goto l5941
goto l5942
goto l5943
goto l5944
goto l5945
goto l5946
goto l5947
goto l5948
goto l5949
goto l5950
goto l5951
goto l5952
goto l5953
goto l5954
goto l5955
goto l5956
goto l5957
goto l5958
goto l5959
goto l5960
goto l5961
goto l5962
goto l5963
goto l5964
goto l5965
goto l5966
goto l5967
goto l5968
goto l5969
goto l5970
goto l5971
goto l5972
goto l5973
goto l5974
goto l5975
goto l5976
goto l5977
goto l5978
goto l5979
goto l5980
goto l5981
goto l5982
goto l5983
goto l5984
goto l5985
goto l5986
goto l5987
goto l5988
goto l5989
goto l5990
goto l5991
goto l5992
goto l5993
goto l5994
goto l5995
goto l5996
goto l5997
goto l5998
goto l5999
goto l6000
goto l6001
goto l6002
goto l6003
goto l6004
goto l6005
goto l6006
goto l6007
goto l6008
goto l6009
goto l6010
goto l6011
goto l6012
goto l6013
goto l6014
goto l6015
goto l6016
goto l6017
goto l6018
goto l6019
goto l6020
goto l6021
goto l6022
goto l6023
goto l6024
goto l6025
goto l6026
goto l6027
goto l6028
goto l6029
goto l6030
goto l6031
goto l6032
goto l6033
goto l6034
goto l6035
goto l6036
goto l6037
goto l6038
goto l6039
goto l6040
goto l6041
goto l6042
goto l6043
goto l6044
goto l6045
goto l6046
goto l6047
goto l6048
goto l6049
goto l6050
goto l6051
goto l6052
goto l6053
goto l6054
goto l6055
goto l6056
goto l6057
goto l6058
goto l6059
goto l6060
goto l6061
goto l6062
goto l6063
goto l6064
goto l6065
goto l6066
goto l6067
goto l6068
goto l6069
goto l6070
goto l6071
goto l6072
goto l6073
goto l6074
goto l6075
goto l6076
goto l6077
goto l6078
goto l6079
goto l6080
goto l6081
goto l6082
goto l6083
goto l6084
goto l6085
goto l6086
goto l6087
goto l6088
goto l6089
goto l6090
goto l6091
goto l6092
goto l6093
goto l6094
goto l6095
goto l6096
goto l6097
goto l6098
goto l6099
goto l6100
goto l6101
goto l6102
goto l6103
goto l6104
goto l6105
goto l6106
goto l6107
goto l6108
goto l6109
goto l6110
goto l6111
goto l6112
goto l6113
goto l6114
goto l6115
goto l6116
goto l6117
goto l6118
goto l6119
goto l6120
goto l6121
goto l6122
goto l6123
goto l6124
goto l6125
goto l6126
goto l6127
goto l6128
goto l6129
goto l6130
goto l6131
goto l6132
goto l6133
goto l6134
goto l6135
goto l6136
goto l6137
goto l6138
goto l6139
goto l6140
goto l6141
goto l6142
goto l6143
goto l6144
goto l6145
goto l6146
goto l6147
goto l6148
goto l6149
goto l6150
goto l6151
goto l6152
goto l6153
goto l6154
goto l6155
goto l6156
goto l6157
goto l6158
goto l6159
goto l6160
goto l6161
goto l6162
goto l6163
goto l6164
goto l6165
goto l6166
goto l6167
goto l6168
goto l6169
goto l6170
goto l6171
goto l6172
goto l6173
goto l6174
goto l6175
goto l6176
goto l6177
goto l6178
goto l6179
goto l6180
goto l6181
goto l6182
goto l6183
goto l6184
goto l6185
goto l6186
goto l6187
goto l6188
goto l6189
goto l6190
goto l6191
goto l6192
goto l6193
goto l6194
goto l6195
goto l6196
goto l6197
goto l6198
goto l6199
goto l6200
goto l6201
goto l6202
goto l6203
goto l6204
goto l6205
goto l6206
goto l6207
goto l6208
goto l6209
goto l6210
goto l6211
goto l6212
goto l6213
goto l6214
goto l6215
goto l6216
goto l6217
goto l6218
goto l6219
goto l6220
goto l6221
goto l6222
goto l6223
goto l6224
goto l6225
goto l6226
goto l6227
goto l6228
goto l6229
goto l6230
goto l6231
goto l6232
goto l6233
goto l6234
goto l6235
goto l6236
goto l6237
goto l6238
goto l6239
goto l6240
goto l6241
goto l6242
goto l6243
goto l6244
goto l6245
goto l6246
goto l6247
goto l6248
goto l6249
goto l6250
goto l6251
goto l6252
goto l6253
goto l6254
goto l6255
goto l6256
goto l6257
goto l6258
goto l6259
goto l6260
goto l6261
goto l6262
goto l6263
goto l6264
goto l6265
goto l6266
goto l6267
goto l6268
goto l6269
goto l6270
goto l6271
goto l6272
goto l6273
goto l6274
goto l6275
goto l6276
goto l6277
goto l6278
goto l6279
goto l6280
goto l6281
goto l6282
goto l6283
goto l6284
goto l6285
goto l6286
goto l6287
goto l6288
goto l6289
goto l6290
goto l6291
goto l6292
goto l6293
goto l6294
goto l6295
goto l6296
goto l6297
goto l6298
goto l6299
goto l6300
goto l6301
goto l6302
goto l6303
goto l6304
goto l6305
goto l6306
goto l6307
goto l6308
goto l6309
goto l6310
goto l6311
goto l6312
goto l6313
goto l6314
goto l6315
goto l6316
goto l6317
goto l6318
goto l6319
goto l6320
goto l6321
goto l6322
goto l6323
goto l6324
goto l6325
goto l6326
goto l6327
goto l6328
goto l6329
goto l6330
goto l6331
goto l6332
goto l6333
goto l6334
goto l6335
goto l6336
goto l6337
goto l6338
goto l6339
goto l6340
goto l6341
goto l6342
goto l6343
goto l6344
goto l6345
goto l6346
goto l6347
goto l6348
goto l6349
goto l6350
goto l6351
goto l6352
goto l6353
goto l6354
goto l6355
goto l6356
goto l6357
goto l6358
goto l6359
goto l6360
goto l6361
goto l6362
goto l6363
goto l6364
goto l6365
goto l6366
goto l6367
goto l6368
goto l6369
goto l6370
goto l6371
goto l6372
goto l6373
goto l6374
goto l6375
goto l6376
goto l6377
goto l6378
goto l6379
goto l6380
goto l6381
goto l6382
goto l6383
goto l6384
goto l6385
goto l6386
goto l6387
goto l6388
goto l6389
goto l6390
goto l6391
goto l6392
goto l6393
goto l6394
goto l6395
goto l6396
goto l6397
goto l6398
goto l6399
goto l6400
goto l6401
goto l6402
goto l6403
goto l6404
goto l6405
goto l6406
goto l6407
goto l6408
goto l6409
goto l6410
goto l6411
goto l6412
goto l6413
goto l6414
goto l6415
goto l6416
goto l6417
goto l6418
goto l6419
goto l6420
goto l6421
goto l6422
goto l6423
goto l6424
goto l6425
goto l6426
goto l6427
goto l6428
goto l6429
goto l6430
goto l6431
goto l6432
goto l6433
goto l6434
goto l6435
goto l6436
goto l6437
goto l6438
goto l6439
goto l6440
goto l6441
goto l6442
goto l6443
goto l6444
goto l6445
goto l6446
goto l6447
goto l6448
goto l6449
goto l6450
goto l6451
goto l6452
goto l6453
goto l6454
goto l6455
goto l6456
goto l6457
goto l6458
goto l6459
goto l6460
goto l6461
goto l6462
goto l6463
goto l6464
goto l6465
goto l6466
goto l6467
goto l6468
goto l6469
goto l6470
goto l6471
goto l6472
goto l6473
goto l6474
goto l6475
goto l6476
goto l6477
goto l6478
goto l6479
goto l6480
goto l6481
goto l6482
goto l6483
goto l6484
goto l6485
goto l6486
goto l6487
goto l6488
goto l6489
goto l6490
goto l6491
goto l6492
goto l6493
goto l6494
goto l6495
goto l6496
goto l6497
goto l6498
goto l6499
goto l6500
goto l6501
goto l6502
goto l6503
goto l6504
goto l6505
goto l6506
goto l6507
goto l6508
goto l6509
goto l6510
goto l6511
goto l6512
goto l6513
goto l6514
goto l6515
goto l6516
goto l6517
goto l6518
goto l6519
goto l6520
goto l6521
goto l6522
goto l6523
goto l6524
goto l6525
goto l6526
goto l6527
goto l6528
goto l6529
goto l6530
goto l6531
goto l6532
goto l6533
goto l6534
goto l6535
goto l6536
goto l6537
goto l6538
goto l6539
goto l6540
goto l6541
goto l6542
goto l6543
goto l6544
goto l6545
goto l6546
goto l6547
goto l6548
goto l6549
goto l6550
goto l6551
goto l6552
goto l6553
goto l6554
goto l6555
goto l6556
goto l6557
goto l6558
goto l6559
goto l6560
goto l6561
goto l6562
goto l6563
goto l6564
goto l6565
goto l6566
goto l6567
goto l6568
goto l6569
goto l6570
goto l6571
goto l6572
goto l6573
goto l6574
goto l6575
goto l6576
goto l6577
goto l6578
goto l6579
goto l6580
goto l6581
goto l6582
goto l6583
goto l6584
goto l6585
goto l6586
goto l6587
goto l6588
goto l6589
goto l6590
goto l6591
goto l6592
goto l6593
goto l6594
goto l6595
goto l6596
goto l6597
goto l6598
goto l6599
goto l6600
goto l6601
goto l6602
goto l6603
goto l6604
goto l6605
goto l6606
goto l6607
goto l6608
goto l6609
goto l6610
goto l6611
goto l6612
goto l6613
goto l6614
goto l6615
goto l6616
goto l6617
goto l6618
goto l6619
goto l6620
goto l6621
goto l6622
goto l6623
goto l6624
goto l6625
goto l6626
goto l6627
goto l6628
goto l6629
goto l6630
goto l6631
goto l6632
goto l6633
goto l6634
goto l6635
goto l6636
goto l6637
goto l6638
goto l6639
goto l6640
goto l6641
goto l6642
goto l6643
goto l6644
goto l6645
goto l6646
goto l6647
goto l6648
goto l6649
goto l6650
goto l6651
goto l6652
goto l6653
goto l6654
goto l6655
goto l6656
goto l6657
goto l6658
goto l6659
goto l6660
goto l6661
goto l6662
goto l6663
goto l6664
goto l6665
goto l6666
goto l6667
goto l6668
goto l6669
goto l6670
goto l6671
goto l6672
goto l6673
goto l6674
goto l6675
goto l6676
goto l6677
goto l6678
goto l6679
goto l6680
goto l6681
goto l6682
goto l6683
goto l6684
goto l6685
goto l6686
goto l6687
goto l6688
goto l6689
goto l6690
goto l6691
goto l6692
goto l6693
goto l6694
goto l6695
goto l6696
goto l6697
goto l6698
goto l6699
goto l6700
goto l6701
goto l6702
goto l6703
goto l6704
goto l6705
goto l6706
goto l6707
goto l6708
goto l6709
goto l6710
goto l6711
goto l6712
goto l6713
goto l6714
goto l6715
goto l6716
goto l6717
goto l6718
goto l6719
goto l6720
goto l6721
goto l6722
goto l6723
goto l6724
goto l6725
goto l6726
goto l6727
goto l6728
goto l6729
goto l6730
goto l6731
goto l6732
goto l6733
goto l6734
goto l6735
goto l6736
goto l6737
goto l6738
goto l6739
goto l6740
goto l6741
goto l6742
goto l6743
goto l6744
goto l6745
goto l6746
goto l6747
goto l6748
goto l6749
goto l6750
goto l6751
goto l6752
goto l6753
goto l6754
goto l6755
goto l6756
goto l6757
goto l6758
goto l6759
goto l6760
goto l6761
goto l6762
goto l6763
goto l6764
goto l6765
goto l6766
goto l6767
goto l6768
goto l6769
goto l6770
goto l6771
goto l6772
goto l6773
goto l6774
goto l6775
goto l6776
goto l6777
goto l6778
goto l6779
goto l6780
goto l6781
goto l6782
goto l6783
goto l6784
goto l6785
goto l6786
goto l6787
goto l6788
goto l6789
goto l6790
goto l6791
goto l6792
goto l6793
goto l6794
goto l6795
goto l6796
goto l6797
goto l6798
goto l6799
goto l6800
goto l6801
goto l6802
goto l6803
goto l6804
goto l6805
goto l6806
goto l6807
goto l6808
goto l6809
goto l6810
goto l6811
goto l6812
goto l6813
goto l6814
goto l6815
goto l6816
goto l6817
goto l6818
goto l6819
goto l6820
goto l6821
goto l6822
goto l6823
goto l6824
goto l6825
goto l6826
goto l6827
goto l6828
goto l6829
goto l6830
goto l6831
goto l6832
goto l6833
goto l6834
goto l6835
goto l6836
goto l6837
goto l6838
goto l6839
goto l6840
goto l6841
goto l6842
goto l6843
goto l6844
goto l6845
goto l6846
goto l6847
goto l6848
goto l6849
goto l6850
goto l6851
goto l6852
goto l6853
goto l6854
goto l6855
goto l6856
goto l6857
goto l6858
goto l6859
goto l6860
goto l6861
goto l6862
goto l6863
goto l6864
goto l6865
goto l6866
goto l6867
goto l6868
goto l6869
goto l6870
goto l6871
goto l6872
goto l6873
goto l6874
goto l6875
goto l6876
goto l6877
goto l6878
goto l6879
goto l6880
goto l6881
goto l6882
goto l6883
goto l6884
goto l6885
goto l6886
goto l6887
goto l6888
goto l6889
goto l6890
goto l6891
goto l6892
goto l6893
goto l6894
goto l6895
goto l6896
goto l6897
goto l6898
goto l6899
goto l6900
goto l6901
goto l6902
goto l6903
goto l6904
goto l6905
goto l6906
goto l6907
goto l6908
goto l6909
goto l6910
goto l6911
goto l6912
goto l6913
goto l6914
goto l6915
goto l6916
goto l6917
goto l6918
goto l6919
goto l6920
goto l6921
goto l6922
goto l6923
goto l6924
goto l6925
goto l6926
goto l6927
goto l6928
goto l6929
goto l6930
goto l6931
goto l6932
goto l6933
goto l6934
goto l6935
goto l6936
goto l6937
goto l6938
goto l6939
goto l6940
goto l6941
goto l6942
goto l6943
goto l6944
goto l6945
goto l6946
goto l6947
goto l6948
goto l6949
goto l6950
goto l6951
goto l6952
goto l6953
goto l6954
goto l6955
goto l6956
goto l6957
goto l6958
goto l6959
goto l6960
goto l6961
goto l6962
goto l6963
goto l6964
goto l6965
goto l6966
goto l6967
goto l6968
goto l6969
goto l6970
goto l6971
goto l6972
goto l6973
goto l6974
goto l6975
goto l6976
goto l6977
goto l6978
goto l6979
goto l6980
goto l6981
goto l6982
goto l6983
goto l6984
goto l6985
goto l6986
goto l6987
goto l6988
goto l6989
goto l6990
goto l6991
goto l6992
goto l6993
goto l6994
goto l6995
goto l6996
goto l6997
goto l6998
goto l6999
goto l7000
goto l7001
goto l7002
goto l7003
goto l7004
goto l7005
goto l7006
goto l7007
goto l7008
goto l7009
goto l7010
goto l7011
goto l7012
goto l7013
goto l7014
goto l7015
goto l7016
goto l7017
goto l7018
goto l7019
goto l7020
goto l7021
goto l7022
goto l7023
goto l7024
goto l7025
goto l7026
goto l7027
goto l7028
goto l7029
goto l7030
goto l7031
goto l7032
goto l7033
goto l7034
goto l7035
goto l7036
goto l7037
goto l7038
goto l7039
goto l7040
goto l7041
goto l7042
goto l7043
goto l7044
goto l7045
goto l7046
goto l7047
goto l7048
goto l7049
goto l7050
goto l7051
goto l7052
goto l7053
goto l7054
goto l7055
goto l7056
goto l7057
goto l7058
goto l7059
goto l7060
goto l7061
goto l7062
goto l7063
goto l7064
goto l7065
goto l7066
goto l7067
goto l7068
goto l7069
goto l7070
goto l7071
goto l7072
goto l7073
goto l7074
goto l7075
goto l7076
goto l7077
goto l7078
goto l7079
goto l7080
goto l7081
goto l7082
goto l7083
goto l7084
goto l7085
goto l7086
goto l7087
goto l7088
goto l7089
goto l7090
goto l7091
goto l7092
goto l7093
goto l7094
goto l7095
goto l7096
goto l7097
goto l7098
goto l7099
goto l7100
goto l7101
goto l7102
goto l7103
goto l7104
goto l7105
goto l7106
goto l7107
goto l7108
goto l7109
goto l7110
goto l7111
goto l7112
goto l7113
goto l7114
goto l7115
goto l7116
goto l7117
goto l7118
goto l7119
goto l7120
goto l7121
goto l7122
goto l7123
goto l7124
goto l7125
goto l7126
goto l7127
goto l7128
goto l7129
goto l7130
goto l7131
goto l7132
goto l7133
goto l7134
goto l7135
goto l7136
goto l7137
goto l7138
goto l7139
goto l7140
goto l7141
goto l7142
goto l7143
goto l7144
goto l7145
goto l7146
goto l7147
goto l7148
goto l7149
goto l7150
goto l7151
goto l7152
goto l7153
goto l7154
goto l7155
goto l7156
goto l7157
goto l7158
goto l7159
goto l7160
goto l7161
goto l7162
goto l7163
goto l7164
goto l7165
goto l7166
goto l7167
goto l7168
goto l7169
goto l7170
goto l7171
goto l7172
goto l7173
goto l7174
goto l7175
goto l7176
goto l7177
goto l7178
goto l7179
goto l7180
goto l7181
goto l7182
goto l7183
goto l7184
goto l7185
goto l7186
goto l7187
goto l7188
goto l7189
goto l7190
goto l7191
goto l7192
goto l7193
goto l7194
goto l7195
goto l7196
goto l7197
goto l7198
goto l7199
goto l7200
goto l7201
goto l7202
goto l7203
goto l7204
goto l7205
goto l7206
goto l7207
goto l7208
goto l7209
goto l7210
goto l7211
goto l7212
goto l7213
goto l7214
goto l7215
goto l7216
goto l7217
goto l7218
goto l7219
goto l7220
goto l7221
goto l7222
goto l7223
goto l7224
goto l7225
goto l7226
goto l7227
goto l7228
goto l7229
goto l7230
goto l7231
goto l7232
goto l7233
goto l7234
goto l7235
goto l7236
goto l7237
goto l7238
goto l7239
goto l7240
goto l7241
goto l7242
goto l7243
goto l7244
goto l7245
goto l7246
goto l7247
goto l7248
goto l7249
goto l7250
goto l7251
goto l7252
goto l7253
goto l7254
goto l7255
goto l7256
goto l7257
goto l7258
goto l7259
goto l7260
goto l7261
goto l7262
goto l7263
goto l7264
goto l7265
goto l7266
goto l7267
goto l7268
goto l7269
goto l7270
goto l7271
goto l7272
goto l7273
goto l7274
goto l7275
goto l7276
goto l7277
goto l7278
goto l7279
goto l7280
goto l7281
goto l7282
goto l7283
goto l7284
goto l7285
goto l7286
goto l7287
goto l7288
goto l7289
goto l7290
goto l7291
goto l7292
goto l7293
goto l7294
goto l7295
goto l7296
goto l7297
goto l7298
goto l7299
goto l7300
goto l7301
goto l7302
goto l7303
goto l7304
goto l7305
goto l7306
goto l7307
goto l7308
goto l7309
goto l7310
goto l7311
goto l7312
goto l7313
goto l7314
goto l7315
goto l7316
goto l7317
goto l7318
goto l7319
goto l7320
goto l7321
goto l7322
goto l7323
goto l7324
goto l7325
goto l7326
goto l7327
goto l7328
goto l7329
goto l7330
goto l7331
goto l7332
goto l7333
goto l7334
goto l7335
goto l7336
goto l7337
goto l7338
goto l7339
goto l7340
goto l7341
goto l7342
goto l7343
goto l7344
goto l7345
goto l7346
goto l7347
goto l7348
goto l7349
goto l7350
goto l7351
goto l7352
goto l7353
goto l7354
goto l7355
goto l7356
goto l7357
goto l7358
goto l7359
goto l7360
goto l7361
goto l7362
goto l7363
goto l7364
goto l7365
goto l7366
goto l7367
goto l7368
goto l7369
goto l7370
goto l7371
goto l7372
goto l7373
goto l7374
goto l7375
goto l7376
goto l7377
goto l7378
goto l7379
goto l7380
goto l7381
goto l7382
goto l7383
goto l7384
goto l7385
goto l7386
goto l7387
goto l7388
goto l7389
goto l7390
goto l7391
goto l7392
goto l7393
goto l7394
goto l7395
goto l7396
goto l7397
goto l7398
goto l7399
goto l7400
goto l7401
goto l7402
goto l7403
goto l7404
goto l7405
goto l7406
goto l7407
goto l7408
goto l7409
goto l7410
goto l7411
goto l7412
goto l7413
goto l7414
goto l7415
goto l7416
goto l7417
goto l7418
goto l7419
goto l7420
goto l7421
goto l7422
goto l7423
goto l7424
goto l7425
goto l7426
goto l7427
goto l7428
goto l7429
goto l7430
goto l7431
goto l7432
goto l7433
goto l7434
goto l7435
goto l7436
goto l7437
goto l7438
goto l7439
goto l7440
goto l7441
goto l7442
goto l7443
goto l7444
goto l7445
goto l7446
goto l7447
goto l7448
goto l7449
goto l7450
goto l7451
goto l7452
goto l7453
goto l7454
goto l7455
goto l7456
goto l7457
goto l7458
goto l7459
goto l7460
goto l7461
goto l7462
goto l7463
goto l7464
goto l7465
goto l7466
goto l7467
goto l7468
goto l7469
goto l7470
goto l7471
goto l7472
goto l7473
goto l7474
goto l7475
goto l7476
goto l7477
goto l7478
goto l7479
goto l7480
goto l7481
goto l7482
goto l7483
goto l7484
goto l7485
goto l7486
goto l7487
goto l7488
goto l7489
goto l7490
goto l7491
goto l7492
goto l7493
goto l7494
goto l7495
goto l7496
goto l7497
goto l7498
goto l7499
goto l7500
goto l7501
goto l7502
goto l7503
goto l7504
goto l7505
goto l7506
goto l7507
goto l7508
goto l7509
goto l7510
goto l7511
goto l7512
goto l7513
goto l7514
goto l7515
goto l7516
goto l7517
goto l7518
goto l7519
goto l7520
goto l7521
goto l7522
goto l7523
goto l7524
goto l7525
goto l7526
goto l7527
goto l7528
goto l7529
goto l7530
goto l7531
goto l7532
goto l7533
goto l7534
goto l7535
goto l7536
goto l7537
goto l7538
goto l7539
goto l7540
goto l7541
goto l7542
goto l7543
goto l7544
goto l7545
goto l7546
goto l7547
goto l7548
goto l7549
goto l7550
goto l7551
goto l7552
goto l7553
goto l7554
goto l7555
goto l7556
goto l7557
goto l7558
goto l7559
goto l7560
goto l7561
goto l7562
goto l7563
goto l7564
goto l7565
goto l7566
goto l7567
goto l7568
goto l7569
goto l7570
goto l7571
goto l7572
goto l7573
goto l7574
goto l7575
goto l7576
goto l7577
goto l7578
goto l7579
goto l7580
goto l7581
goto l7582
goto l7583
goto l7584
goto l7585
goto l7586
goto l7587
goto l7588
goto l7589
goto l7590
goto l7591
goto l7592
goto l7593
goto l7594
goto l7595
goto l7596
goto l7597
goto l7598
goto l7599
goto l7600
goto l7601
goto l7602
goto l7603
goto l7604
goto l7605
goto l7606
goto l7607
goto l7608
goto l7609
goto l7610
goto l7611
goto l7612
goto l7613
goto l7614
goto l7615
goto l7616
goto l7617
goto l7618
goto l7619
goto l7620
goto l7621
goto l7622
goto l7623
goto l7624
goto l7625
goto l7626
goto l7627
goto l7628
goto l7629
goto l7630
goto l7631
goto l7632
goto l7633
goto l7634
goto l7635
goto l7636
goto l7637
goto l7638
goto l7639
goto l7640
goto l7641
goto l7642
goto l7643
goto l7644
goto l7645
goto l7646
goto l7647
goto l7648
goto l7649
goto l7650
goto l7651
goto l7652
goto l7653
goto l7654
goto l7655
goto l7656
goto l7657
goto l7658
goto l7659
goto l7660
goto l7661
goto l7662
goto l7663
goto l7664
goto l7665
goto l7666
goto l7667
goto l7668
goto l7669
goto l7670
goto l7671
goto l7672
goto l7673
goto l7674
goto l7675
goto l7676
goto l7677
goto l7678
goto l7679
goto l7680
goto l7681
goto l7682
goto l7683
goto l7684
goto l7685
goto l7686
goto l7687
goto l7688
goto l7689
goto l7690
goto l7691
goto l7692
goto l7693
goto l7694
goto l7695
goto l7696
goto l7697
goto l7698
goto l7699
goto l7700
goto l7701
goto l7702
goto l7703
goto l7704
goto l7705
goto l7706
goto l7707
goto l7708
goto l7709
goto l7710
goto l7711
goto l7712
goto l7713
goto l7714
goto l7715
goto l7716
goto l7717
goto l7718
goto l7719
goto l7720
goto l7721
goto l7722
goto l7723
goto l7724
goto l7725
goto l7726
goto l7727
goto l7728
goto l7729
goto l7730
goto l7731
goto l7732
goto l7733
goto l7734
goto l7735
goto l7736
goto l7737
goto l7738
goto l7739
goto l7740
goto l7741
goto l7742
goto l7743
goto l7744
goto l7745
goto l7746
goto l7747
goto l7748
goto l7749
goto l7750
goto l7751
goto l7752
goto l7753
goto l7754
goto l7755
goto l7756
goto l7757
goto l7758
goto l7759
goto l7760
goto l7761
goto l7762
goto l7763
goto l7764
goto l7765
goto l7766
goto l7767
goto l7768
goto l7769
goto l7770
goto l7771
goto l7772
goto l7773
goto l7774
goto l7775
goto l7776
goto l7777
goto l7778
goto l7779
goto l7780
goto l7781
goto l7782
goto l7783
goto l7784
goto l7785
goto l7786
goto l7787
goto l7788
goto l7789
goto l7790
goto l7791
goto l7792
goto l7793
goto l7794
goto l7795
goto l7796
goto l7797
goto l7798
goto l7799
goto l7800
goto l7801
goto l7802
goto l7803
goto l7804
goto l7805
goto l7806
goto l7807
goto l7808
goto l7809
goto l7810
goto l7811
goto l7812
goto l7813
goto l7814
goto l7815
goto l7816
goto l7817
goto l7818
goto l7819
goto l7820
goto l7821
goto l7822
goto l7823
goto l7824
goto l7825
goto l7826
goto l7827
goto l7828
goto l7829
goto l7830
goto l7831
goto l7832
goto l7833
goto l7834
goto l7835
goto l7836
goto l7837
goto l7838
goto l7839
goto l7840
goto l7841
goto l7842
goto l7843
goto l7844
goto l7845
goto l7846
goto l7847
goto l7848
goto l7849
goto l7850
goto l7851
goto l7852
goto l7853
goto l7854
goto l7855
goto l7856
goto l7857
goto l7858
goto l7859
goto l7860
goto l7861
goto l7862
goto l7863
goto l7864
goto l7865
goto l7866
goto l7867
goto l7868
goto l7869
goto l7870
goto l7871
goto l7872
goto l7873
goto l7874
goto l7875
goto l7876
goto l7877
goto l7878
goto l7879
goto l7880
goto l7881
goto l7882
goto l7883
goto l7884
goto l7885
goto l7886
goto l7887
goto l7888
goto l7889
goto l7890
goto l7891
goto l7892
goto l7893
goto l7894
goto l7895
goto l7896
goto l7897
goto l7898
goto l7899
goto l7900
goto l7901
goto l7902
goto l7903
goto l7904
goto l7905
goto l7906
goto l7907
goto l7908
goto l7909
goto l7910
goto l7911
goto l7912
goto l7913
goto l7914
goto l7915
goto l7916
goto l7917
goto l7918
goto l7919
goto l7920
goto l7921
goto l7922
goto l7923
goto l7924
goto l7925
goto l7926
goto l7927
goto l7928
goto l7929
goto l7930
goto l7931
goto l7932
goto l7933
goto l7934
goto l7935
goto l7936
goto l7937
goto l7938
goto l7939
goto l7940
goto l7941
goto l7942
goto l7943
goto l7944
goto l7945
goto l7946
goto l7947
goto l7948
goto l7949
goto l7950
goto l7951
goto l7952
goto l7953
goto l7954
goto l7955
goto l7956
goto l7957
goto l7958
goto l7959
goto l7960
goto l7961
goto l7962
goto l7963
goto l7964
goto l7965
goto l7966
goto l7967
goto l7968
goto l7969
goto l7970
goto l7971
goto l7972
goto l7973
goto l7974
goto l7975
goto l7976
goto l7977
goto l7978
goto l7979
goto l7980
goto l7981
goto l7982
goto l7983
goto l7984
goto l7985
goto l7986
goto l7987
goto l7988
goto l7989
goto l7990
goto l7991
goto l7992
goto l7993
goto l7994
goto l7995
goto l7996
goto l7997
goto l7998
goto l7999
goto l8000
goto l8001
goto l8002
goto l8003
goto l8004
goto l8005
goto l8006
goto l8007
goto l8008
goto l8009
goto l8010
goto l8011
goto l8012
goto l8013
goto l8014
goto l8015
goto l8016
goto l8017
goto l8018
goto l8019
goto l8020
goto l8021
goto l8022
goto l8023
goto l8024
goto l8025
goto l8026
goto l8027
goto l8028
goto l8029
goto l8030
goto l8031
goto l8032
goto l8033
goto l8034
goto l8035
goto l8036
goto l8037
goto l8038
goto l8039
goto l8040
goto l8041
goto l8042
goto l8043
goto l8044
goto l8045
goto l8046
goto l8047
goto l8048
goto l8049
goto l8050
goto l8051
goto l8052
goto l8053
goto l8054
goto l8055
goto l8056
goto l8057
goto l8058
goto l8059
goto l8060
goto l8061
goto l8062
goto l8063
goto l8064
goto l8065
goto l8066
goto l8067
goto l8068
goto l8069
goto l8070
goto l8071
goto l8072
goto l8073
goto l8074
goto l8075
goto l8076
goto l8077
goto l8078
goto l8079
goto l8080
goto l8081
goto l8082
goto l8083
goto l8084
goto l8085
goto l8086
goto l8087
goto l8088
goto l8089
goto l8090
goto l8091
goto l8092
goto l8093
goto l8094
goto l8095
goto l8096
goto l8097
goto l8098
goto l8099
goto l8100
goto l8101
goto l8102
goto l8103
goto l8104
goto l8105
goto l8106
goto l8107
goto l8108
goto l8109
goto l8110
goto l8111
goto l8112
goto l8113
goto l8114
goto l8115
goto l8116
goto l8117
goto l8118
goto l8119
goto l8120
goto l8121
goto l8122
goto l8123
goto l8124
goto l8125
goto l8126
goto l8127
goto l8128
goto l8129
goto l8130
goto l8131
goto l8132
goto l8133
goto l8134
goto l8135
goto l8136
goto l8137
goto l8138
goto l8139
goto l8140
goto l8141
goto l8142
goto l8143
goto l8144
goto l8145
goto l8146
goto l8147
goto l8148
goto l8149
goto l8150
goto l8151
goto l8152
goto l8153
goto l8154
goto l8155
goto l8156
goto l8157
goto l8158
goto l8159
goto l8160
goto l8161
goto l8162
goto l8163
goto l8164
goto l8165
goto l8166
goto l8167
goto l8168
goto l8169
goto l8170
goto l8171
goto l8172
goto l8173
goto l8174
goto l8175
goto l8176
goto l8177
goto l8178
goto l8179
goto l8180
goto l8181
goto l8182
goto l8183
goto l8184
goto l8185
goto l8186
goto l8187
goto l8188
goto l8189
goto l8190
goto l8191
goto l8192
goto l8193
goto l8194
goto l8195
goto l8196
goto l8197
goto l8198
goto l8199
goto l8200
goto l8201
goto l8202
goto l8203
goto l8204
goto l8205
goto l8206
goto l8207
goto l8208
goto l8209
goto l8210
goto l8211
goto l8212
goto l8213
goto l8214
goto l8215
goto l8216
goto l8217
goto l8218
goto l8219
goto l8220
goto l8221
goto l8222
goto l8223
goto l8224
goto l8225
goto l8226
goto l8227
goto l8228
goto l8229
goto l8230
goto l8231
goto l8232
goto l8233
goto l8234
goto l8235
goto l8236
goto l8237
goto l8238
goto l8239
goto l8240
goto l8241
goto l8242
goto l8243
goto l8244
goto l8245
goto l8246
goto l8247
goto l8248
goto l8249
goto l8250
goto l8251
goto l8252
goto l8253
goto l8254
goto l8255
goto l8256
goto l8257
goto l8258
goto l8259
goto l8260
goto l8261
goto l8262
goto l8263
goto l8264
goto l8265
goto l8266
goto l8267
goto l8268
goto l8269
goto l8270
goto l8271
goto l8272
goto l8273
goto l8274
goto l8275
goto l8276
goto l8277
goto l8278
goto l8279
goto l8280
goto l8281
goto l8282
goto l8283
goto l8284
goto l8285
goto l8286
goto l8287
goto l8288
goto l8289
goto l8290
goto l8291
goto l8292
goto l8293
goto l8294
goto l8295
goto l8296
goto l8297
goto l8298
goto l8299
goto l8300
goto l8301
goto l8302
goto l8303
goto l8304
goto l8305
goto l8306
goto l8307
goto l8308
goto l8309
goto l8310
goto l8311
goto l8312
goto l8313
goto l8314
goto l8315
goto l8316
goto l8317
goto l8318
goto l8319
goto l8320
goto l8321
goto l8322
goto l8323
goto l8324
goto l8325
goto l8326
goto l8327
goto l8328
goto l8329
goto l8330
goto l8331
goto l8332
goto l8333
goto l8334
goto l8335
goto l8336
goto l8337
goto l8338
goto l8339
goto l8340
goto l8341
goto l8342
goto l8343
goto l8344
goto l8345
goto l8346
goto l8347
goto l8348
goto l8349
goto l8350
goto l8351
goto l8352
goto l8353
goto l8354
goto l8355
goto l8356
goto l8357
goto l8358
goto l8359
goto l8360
goto l8361
goto l8362
goto l8363
goto l8364
goto l8365
goto l8366
goto l8367
goto l8368
goto l8369
goto l8370
goto l8371
goto l8372
goto l8373
goto l8374
goto l8375
goto l8376
goto l8377
goto l8378
goto l8379
goto l8380
goto l8381
goto l8382
goto l8383
goto l8384
goto l8385
goto l8386
goto l8387
goto l8388
goto l8389
goto l8390
goto l8391
goto l8392
goto l8393
goto l8394
goto l8395
goto l8396
goto l8397
goto l8398
goto l8399
goto l8400
goto l8401
goto l8402
goto l8403
goto l8404
goto l8405
goto l8406
goto l8407
goto l8408
goto l8409
goto l8410
goto l8411
goto l8412
goto l8413
goto l8414
goto l8415
goto l8416
goto l8417
goto l8418
goto l8419
goto l8420
goto l8421
goto l8422
goto l8423
goto l8424
goto l8425
goto l8426
goto l8427
goto l8428
goto l8429
goto l8430
goto l8431
goto l8432
goto l8433
goto l8434
goto l8435
goto l8436
goto l8437
goto l8438
goto l8439
goto l8440
goto l8441
goto l8442
goto l8443
goto l8444
goto l8445
goto l8446
goto l8447
goto l8448
goto l8449
goto l8450
goto l8451
goto l8452
goto l8453
goto l8454
goto l8455
goto l8456
goto l8457
goto l8458
goto l8459
goto l8460
goto l8461
goto l8462
goto l8463
goto l8464
goto l8465
goto l8466
goto l8467
goto l8468
goto l8469
goto l8470
goto l8471
goto l8472
goto l8473
goto l8474
goto l8475
goto l8476
goto l8477
goto l8478
goto l8479
goto l8480
goto l8481
goto l8482
goto l8483
goto l8484
goto l8485
goto l8486
goto l8487
goto l8488
goto l8489
goto l8490
goto l8491
goto l8492
goto l8493
goto l8494
goto l8495
goto l8496
goto l8497
goto l8498
goto l8499
goto l8500
goto l8501
goto l8502
goto l8503
goto l8504
goto l8505
goto l8506
goto l8507
goto l8508
goto l8509
goto l8510
goto l8511
goto l8512
goto l8513
goto l8514
goto l8515
goto l8516
goto l8517
goto l8518
goto l8519
goto l8520
goto l8521
goto l8522
goto l8523
goto l8524
goto l8525
goto l8526
goto l8527
goto l8528
goto l8529
goto l8530
goto l8531
goto l8532
goto l8533
goto l8534
goto l8535
goto l8536
goto l8537
goto l8538
goto l8539
goto l8540
goto l8541
goto l8542
goto l8543
goto l8544
goto l8545
goto l8546
goto l8547
goto l8548
goto l8549
goto l8550
goto l8551
goto l8552
goto l8553
goto l8554
goto l8555
goto l8556
goto l8557
goto l8558
goto l8559
goto l8560
goto l8561
goto l8562
goto l8563
goto l8564
goto l8565
goto l8566
goto l8567
goto l8568
goto l8569
goto l8570
goto l8571
goto l8572
goto l8573
goto l8574
goto l8575
goto l8576
goto l8577
goto l8578
goto l8579
goto l8580
goto l8581
goto l8582
goto l8583
goto l8584
goto l8585
goto l8586
goto l8587
goto l8588
goto l8589
goto l8590
goto l8591
goto l8592
goto l8593
goto l8594
goto l8595
goto l8596
goto l8597
goto l8598
goto l8599
goto l8600
goto l8601
goto l8602
goto l8603
goto l8604
goto l8605
goto l8606
goto l8607
goto l8608
goto l8609
goto l8610
goto l8611
goto l8612
goto l8613
goto l8614
goto l8615
goto l8616
goto l8617
goto l8618
goto l8619
goto l8620
goto l8621
goto l8622
goto l8623
goto l8624
goto l8625
goto l8626
goto l8627
goto l8628
goto l8629
goto l8630
goto l8631
goto l8632
goto l8633
goto l8634
goto l8635
goto l8636
goto l8637
goto l8638
goto l8639
goto l8640
goto l8641
goto l8642
goto l8643
goto l8644
goto l8645
goto l8646
goto l8647
goto l8648
goto l8649
goto l8650
goto l8651
goto l8652
goto l8653
goto l8654
goto l8655
goto l8656
goto l8657
goto l8658
goto l8659
goto l8660
goto l8661
goto l8662
goto l8663
goto l8664
goto l8665
goto l8666
goto l8667
goto l8668
goto l8669
goto l8670
goto l8671
goto l8672
goto l8673
goto l8674
goto l8675
goto l8676
goto l8677
goto l8678
goto l8679
goto l8680
goto l8681
goto l8682
goto l8683
goto l8684
goto l8685
goto l8686
goto l8687
goto l8688
goto l8689
goto l8690
goto l8691
goto l8692
goto l8693
goto l8694
goto l8695
goto l8696
goto l8697
goto l8698
goto l8699
goto l8700
goto l8701
goto l8702
goto l8703
goto l8704
goto l8705
goto l8706
goto l8707
goto l8708
goto l8709
goto l8710
goto l8711
goto l8712
goto l8713
goto l8714
goto l8715
goto l8716
goto l8717
goto l8718
goto l8719
goto l8720
goto l8721
goto l8722
goto l8723
goto l8724
goto l8725
goto l8726
goto l8727
goto l8728
goto l8729
goto l8730
goto l8731
goto l8732
goto l8733
goto l8734
goto l8735
goto l8736
goto l8737
goto l8738
goto l8739
goto l8740
goto l8741
goto l8742
goto l8743
goto l8744
goto l8745
goto l8746
goto l8747
goto l8748
goto l8749
goto l8750
goto l8751
goto l8752
goto l8753
goto l8754
goto l8755
goto l8756
goto l8757
goto l8758
goto l8759
goto l8760
goto l8761
goto l8762
goto l8763
goto l8764
goto l8765
goto l8766
goto l8767
goto l8768
goto l8769
goto l8770
goto l8771
goto l8772
goto l8773
goto l8774
goto l8775
goto l8776
goto l8777
goto l8778
goto l8779
goto l8780
goto l8781
goto l8782
goto l8783
goto l8784
goto l8785
goto l8786
goto l8787
goto l8788
goto l8789
goto l8790
goto l8791
goto l8792
goto l8793
goto l8794
goto l8795
goto l8796
goto l8797
goto l8798
goto l8799
goto l8800
goto l8801
goto l8802
goto l8803
goto l8804
goto l8805
goto l8806
goto l8807
goto l8808
goto l8809
goto l8810
goto l8811
goto l8812
goto l8813
goto l8814
goto l8815
goto l8816
goto l8817
goto l8818
goto l8819
goto l8820
goto l8821
goto l8822
goto l8823
goto l8824
goto l8825
goto l8826
goto l8827
goto l8828
goto l8829
goto l8830
goto l8831
goto l8832
goto l8833
goto l8834
goto l8835
goto l8836
goto l8837
goto l8838
goto l8839
goto l8840
goto l8841
goto l8842
goto l8843
goto l8844
goto l8845
goto l8846
goto l8847
goto l8848
goto l8849
goto l8850
goto l8851
goto l8852
goto l8853
goto l8854
goto l8855
goto l8856
goto l8857
goto l8858
goto l8859
goto l8860
goto l8861
goto l8862
goto l8863
goto l8864
goto l8865
goto l8866
goto l8867
goto l8868
goto l8869
goto l8870
goto l8871
goto l8872
goto l8873
goto l8874
goto l8875
goto l8876
goto l8877
goto l8878
goto l8879
goto l8880
goto l8881
goto l8882
goto l8883
goto l8884
goto l8885
goto l8886
goto l8887
goto l8888
goto l8889
goto l8890
goto l8891
goto l8892
goto l8893
goto l8894
goto l8895
goto l8896
goto l8897
goto l8898
goto l8899
goto l8900
goto l8901
goto l8902
goto l8903
goto l8904
goto l8905
goto l8906
goto l8907
goto l8908
goto l8909
goto l8910
goto l8911
goto l8912
goto l8913
goto l8914
goto l8915
goto l8916
goto l8917
goto l8918
goto l8919
goto l8920
goto l8921
goto l8922
goto l8923
goto l8924
goto l8925
goto l8926
goto l8927
goto l8928
goto l8929
goto l8930
goto l8931
goto l8932
goto l8933
goto l8934
goto l8935
goto l8936
goto l8937
goto l8938
goto l8939
goto l8940
goto l8941
goto l8942
goto l8943
goto l8944
goto l8945
goto l8946
goto l8947
goto l8948
goto l8949
goto l8950
goto l8951
goto l8952
goto l8953
goto l8954
goto l8955
goto l8956
goto l8957
goto l8958
goto l8959
goto l8960
goto l8961
goto l8962
goto l8963
goto l8964
goto l8965
goto l8966
goto l8967
goto l8968
goto l8969
goto l8970
goto l8971
goto l8972
goto l8973
goto l8974
goto l8975
goto l8976
goto l8977
goto l8978
goto l8979
goto l8980
goto l8981
goto l8982
goto l8983
goto l8984
goto l8985
goto l8986
goto l8987
goto l8988
goto l8989
goto l8990
goto l8991
goto l8992
goto l8993
goto l8994
goto l8995
goto l8996
goto l8997
goto l8998
goto l8999
::m0::
::m1::
::m2::
::m3::
::m4::
::m5::
::m6::
::m7::
::m8::
::m9::
::m10::
::m11::
::m12::
::m13::
::m14::
::m15::
::m16::
::m17::
::m18::
::m19::
::m20::
::m21::
::m22::
::m23::
::m24::
::m25::
::m26::
::m27::
::m28::
::m29::
::m30::
::m31::
::m32::
::m33::
::m34::
::m35::
::m36::
::m37::
::m38::
::m39::
::m40::
::m41::
::m42::
::m43::
::m44::
::m45::
::m46::
::m47::
::m48::
::m49::
::m50::
::m51::
::m52::
::m53::
::m54::
::m55::
::m56::
::m57::
::m58::
::m59::
::m60::
::m61::
::m62::
::m63::
::m64::
::m65::
::m66::
::m67::
::m68::
::m69::
::m70::
::m71::
::m72::
::m73::
::m74::
::m75::
::m76::
::m77::
::m78::
::m79::
::m80::
::m81::
::m82::
::m83::
::m84::
::m85::
::m86::
::m87::
::m88::
::m89::
::m90::
::m91::
::m92::
::m93::
::m94::
::m95::
::m96::
::m97::
::m98::
::m99::
::m100::
::m101::
::m102::
::m103::
::m104::
::m105::
::m106::
::m107::
::m108::
::m109::
::m110::
::m111::
::m112::
::m113::
::m114::
::m115::
::m116::
::m117::
::m118::
::m119::
::m120::
::m121::
::m122::
::m123::
::m124::
::m125::
::m126::
::m127::
::m128::
::m129::
::m130::
::m131::
::m132::
::m133::
::m134::
::m135::
::m136::
::m137::
::m138::
::m139::
::m140::
::m141::
::m142::
::m143::
::m144::
::m145::
::m146::
::m147::
::m148::
::m149::
::m150::
::m151::
::m152::
::m153::
::m154::
::m155::
::m156::
::m157::
::m158::
::m159::
::m160::
::m161::
::m162::
::m163::
::m164::
::m165::
::m166::
::m167::
::m168::
::m169::
::m170::
::m171::
::m172::
::m173::
::m174::
::m175::
::m176::
::m177::
::m178::
::m179::
::m180::
::m181::
::m182::
::m183::
::m184::
::m185::
::m186::
::m187::
::m188::
::m189::
::m190::
::m191::
::m192::
::m193::
::m194::
::m195::
::m196::
::m197::
::m198::
::m199::
::m200::
::m201::
::m202::
::m203::
::m204::
::m205::
::m206::
::m207::
::m208::
::m209::
::m210::
::m211::
::m212::
::m213::
::m214::
::m215::
::m216::
::m217::
::m218::
::m219::
::m220::
::m221::
::m222::
::m223::
::m224::
::m225::
::m226::
::m227::
::m228::
::m229::
::m230::
::m231::
::m232::
::m233::
::m234::
::m235::
::m236::
::m237::
::m238::
::m239::
::m240::
::m241::
::m242::
::m243::
::m244::
::m245::
::m246::
::m247::
::m248::
::m249::
::m250::
::m251::
::m252::
::m253::
::m254::
::m255::
::m256::
::m257::
::m258::
::m259::
::m260::
::m261::
::m262::
::m263::
::m264::
::m265::
::m266::
::m267::
::m268::
::m269::
::m270::
::m271::
::m272::
::m273::
::m274::
::m275::
::m276::
::m277::
::m278::
::m279::
::m280::
::m281::
::m282::
::m283::
::m284::
::m285::
::m286::
::m287::
::m288::
::m289::
::m290::
::m291::
::m292::
::m293::
::m294::
::m295::
::m296::
::m297::
::m298::
::m299::
::m300::
::m301::
::m302::
::m303::
::m304::
::m305::
::m306::
::m307::
::m308::
::m309::
::m310::
::m311::
::m312::
::m313::
::m314::
::m315::
::m316::
::m317::
::m318::
::m319::
::m320::
::m321::
::m322::
::m323::
::m324::
::m325::
::m326::
::m327::
::m328::
::m329::
::m330::
::m331::
::m332::
::m333::
::m334::
::m335::
::m336::
::m337::
::m338::
::m339::
::m340::
::m341::
::m342::
::m343::
::m344::
::m345::
::m346::
::m347::
::m348::
::m349::
::m350::
::m351::
::m352::
::m353::
::m354::
::m355::
::m356::
::m357::
::m358::
::m359::
::m360::
::m361::
::m362::
::m363::
::m364::
::m365::
::m366::
::m367::
::m368::
::m369::
::m370::
::m371::
::m372::
::m373::
::m374::
::m375::
::m376::
::m377::
::m378::
::m379::
::m380::
::m381::
::m382::
::m383::
::m384::
::m385::
::m386::
::m387::
::m388::
::m389::
::m390::
::m391::
::m392::
::m393::
::m394::
::m395::
::m396::
::m397::
::m398::
::m399::
::m400::
::m401::
::m402::
::m403::
::m404::
::m405::
::m406::
::m407::
::m408::
::m409::
::m410::
::m411::
::m412::
::m413::
::m414::
::m415::
::m416::
::m417::
::m418::
::m419::
::m420::
::m421::
::m422::
::m423::
::m424::
::m425::
::m426::
::m427::
::m428::
::m429::
::m430::
::m431::
::m432::
::m433::
::m434::
::m435::
::m436::
::m437::
::m438::
::m439::
::m440::
::m441::
::m442::
::m443::
::m444::
::m445::
::m446::
::m447::
::m448::
::m449::
::m450::
::m451::
::m452::
::m453::
::m454::
::m455::
::m456::
::m457::
::m458::
::m459::
::m460::
::m461::
::m462::
::m463::
::m464::
::m465::
::m466::
::m467::
::m468::
::m469::
::m470::
::m471::
::m472::
::m473::
::m474::
::m475::
::m476::
::m477::
::m478::
::m479::
::m480::
::m481::
::m482::
::m483::
::m484::
::m485::
::m486::
::m487::
::m488::
::m489::
::m490::
::m491::
::m492::
::m493::
::m494::
::m495::
::m496::
::m497::
::m498::
::m499::
::m500::
::m501::
::m502::
::m503::
::m504::
::m505::
::m506::
::m507::
::m508::
::m509::
::m510::
::m511::
::m512::
::m513::
::m514::
::m515::
::m516::
::m517::
::m518::
::m519::
::m520::
::m521::
::m522::
::m523::
::m524::
::m525::
::m526::
::m527::
::m528::
::m529::
::m530::
::m531::
::m532::
::m533::
::m534::
::m535::
::m536::
::m537::
::m538::
::m539::
::m540::
::m541::
::m542::
::m543::
::m544::
::m545::
::m546::
::m547::
::m548::
::m549::
::m550::
::m551::
::m552::
::m553::
::m554::
::m555::
::m556::
::m557::
::m558::
::m559::
::m560::
::m561::
::m562::
::m563::
::m564::
::m565::
::m566::
::m567::
::m568::
::m569::
::m570::
::m571::
::m572::
::m573::
::m574::
::m575::
::m576::
::m577::
::m578::
::m579::
::m580::
::m581::
::m582::
::m583::
::m584::
::m585::
::m586::
::m587::
::m588::
::m589::
::m590::
::m591::
::m592::
::m593::
::m594::
::m595::
::m596::
::m597::
::m598::
::m599::
::m600::
::m601::
::m602::
::m603::
::m604::
::m605::
::m606::
::m607::
::m608::
::m609::
::m610::
::m611::
::m612::
::m613::
::m614::
::m615::
::m616::
::m617::
::m618::
::m619::
::m620::
::m621::
::m622::
::m623::
::m624::
::m625::
::m626::
::m627::
::m628::
::m629::
::m630::
::m631::
::m632::
::m633::
::m634::
::m635::
::m636::
::m637::
::m638::
::m639::
::m640::
::m641::
::m642::
::m643::
::m644::
::m645::
::m646::
::m647::
::m648::
::m649::
::m650::
::m651::
::m652::
::m653::
::m654::
::m655::
::m656::
::m657::
::m658::
::m659::
::m660::
::m661::
::m662::
::m663::
::m664::
::m665::
::m666::
::m667::
::m668::
::m669::
::m670::
::m671::
::m672::
::m673::
::m674::
::m675::
::m676::
::m677::
::m678::
::m679::
::m680::
::m681::
::m682::
::m683::
::m684::
::m685::
::m686::
::m687::
::m688::
::m689::
::m690::
::m691::
::m692::
::m693::
::m694::
::m695::
::m696::
::m697::
::m698::
::m699::
::m700::
::m701::
::m702::
::m703::
::m704::
::m705::
::m706::
::m707::
::m708::
::m709::
::m710::
::m711::
::m712::
::m713::
::m714::
::m715::
::m716::
::m717::
::m718::
::m719::
::m720::
::m721::
::m722::
::m723::
::m724::
::m725::
::m726::
::m727::
::m728::
::m729::
::m730::
::m731::
::m732::
::m733::
::m734::
::m735::
::m736::
::m737::
::m738::
::m739::
::m740::
::m741::
::m742::
::m743::
::m744::
::m745::
::m746::
::m747::
::m748::
::m749::
::m750::
::m751::
::m752::
::m753::
::m754::
::m755::
::m756::
::m757::
::m758::
::m759::
::m760::
::m761::
::m762::
::m763::
::m764::
::m765::
::m766::
::m767::
::m768::
::m769::
::m770::
::m771::
::m772::
::m773::
::m774::
::m775::
::m776::
::m777::
::m778::
::m779::
::m780::
::m781::
::m782::
::m783::
::m784::
::m785::
::m786::
::m787::
::m788::
::m789::
::m790::
::m791::
::m792::
::m793::
::m794::
::m795::
::m796::
::m797::
::m798::
::m799::
::m800::
::m801::
::m802::
::m803::
::m804::
::m805::
::m806::
::m807::
::m808::
::m809::
::m810::
::m811::
::m812::
::m813::
::m814::
::m815::
::m816::
::m817::
::m818::
::m819::
::m820::
::m821::
::m822::
::m823::
::m824::
::m825::
::m826::
::m827::
::m828::
::m829::
::m830::
::m831::
::m832::
::m833::
::m834::
::m835::
::m836::
::m837::
::m838::
::m839::
::m840::
::m841::
::m842::
::m843::
::m844::
::m845::
::m846::
::m847::
::m848::
::m849::
::m850::
::m851::
::m852::
::m853::
::m854::
::m855::
::m856::
::m857::
::m858::
::m859::
::m860::
::m861::
::m862::
::m863::
::m864::
::m865::
::m866::
::m867::
::m868::
::m869::
::m870::
::m871::
::m872::
::m873::
::m874::
::m875::
::m876::
::m877::
::m878::
::m879::
::m880::
::m881::
::m882::
::m883::
::m884::
::m885::
::m886::
::m887::
::m888::
::m889::
::m890::
::m891::
::m892::
::m893::
::m894::
::m895::
::m896::
::m897::
::m898::
::m899::
::m900::
::m901::
::m902::
::m903::
::m904::
::m905::
::m906::
::m907::
::m908::
::m909::
::m910::
::m911::
::m912::
::m913::
::m914::
::m915::
::m916::
::m917::
::m918::
::m919::
::m920::
::m921::
::m922::
::m923::
::m924::
::m925::
::m926::
::m927::
::m928::
::m929::
::m930::
::m931::
::m932::
::m933::
::m934::
::m935::
::m936::
::m937::
::m938::
::m939::
::m940::
::m941::
::m942::
::m943::
::m944::
::m945::
::m946::
::m947::
::m948::
::m949::
::m950::
::m951::
::m952::
::m953::
::m954::
::m955::
::m956::
::m957::
::m958::
::m959::
::m960::
::m961::
::m962::
::m963::
::m964::
::m965::
::m966::
::m967::
::m968::
::m969::
::m970::
::m971::
::m972::
::m973::
::m974::
::m975::
::m976::
::m977::
::m978::
::m979::
::m980::
::m981::
::m982::
::m983::
::m984::
::m985::
::m986::
::m987::
::m988::
::m989::
::m990::
::m991::
::m992::
::m993::
::m994::
::m995::
::m996::
::m997::
::m998::
::m999::
::m1000::
::m1001::
::m1002::
::m1003::
::m1004::
::m1005::
::m1006::
::m1007::
::m1008::
::m1009::
::m1010::
::m1011::
::m1012::
::m1013::
::m1014::
::m1015::
::m1016::
::m1017::
::m1018::
::m1019::
::m1020::
::m1021::
::m1022::
::m1023::
::m1024::
::m1025::
::m1026::
::m1027::
::m1028::
::m1029::
::m1030::
::m1031::
::m1032::
::m1033::
::m1034::
::m1035::
::m1036::
::m1037::
::m1038::
::m1039::
::m1040::
::m1041::
::m1042::
::m1043::
::m1044::
::m1045::
::m1046::
::m1047::
::m1048::
::m1049::
::m1050::
::m1051::
::m1052::
::m1053::
::m1054::
::m1055::
::m1056::
::m1057::
::m1058::
::m1059::
::m1060::
::m1061::
::m1062::
::m1063::
::m1064::
::m1065::
::m1066::
::m1067::
::m1068::
::m1069::
::m1070::
::m1071::
::m1072::
::m1073::
::m1074::
::m1075::
::m1076::
::m1077::
::m1078::
::m1079::
::m1080::
::m1081::
::m1082::
::m1083::
::m1084::
::m1085::
::m1086::
::m1087::
::m1088::
::m1089::
::m1090::
::m1091::
::m1092::
::m1093::
::m1094::
::m1095::
::m1096::
::m1097::
::m1098::
::m1099::
::m1100::
::m1101::
::m1102::
::m1103::
::m1104::
::m1105::
::m1106::
::m1107::
::m1108::
::m1109::
::m1110::
::m1111::
::m1112::
::m1113::
::m1114::
::m1115::
::m1116::
::m1117::
::m1118::
::m1119::
::m1120::
::m1121::
::m1122::
::m1123::
::m1124::
::m1125::
::m1126::
::m1127::
::m1128::
::m1129::
::m1130::
::m1131::
::m1132::
::m1133::
::m1134::
::m1135::
::m1136::
::m1137::
::m1138::
::m1139::
::m1140::
::m1141::
::m1142::
::m1143::
::m1144::
::m1145::
::m1146::
::m1147::
::m1148::
::m1149::
::m1150::
::m1151::
::m1152::
::m1153::
::m1154::
::m1155::
::m1156::
::m1157::
::m1158::
::m1159::
::m1160::
::m1161::
::m1162::
::m1163::
::m1164::
::m1165::
::m1166::
::m1167::
::m1168::
::m1169::
::m1170::
::m1171::
::m1172::
::m1173::
::m1174::
::m1175::
::m1176::
::m1177::
::m1178::
::m1179::
::m1180::
::m1181::
::m1182::
::m1183::
::m1184::
::m1185::
::m1186::
::m1187::
::m1188::
::m1189::
::m1190::
::m1191::
::m1192::
::m1193::
::m1194::
::m1195::
::m1196::
::m1197::
::m1198::
::m1199::
::m1200::
::m1201::
::m1202::
::m1203::
::m1204::
::m1205::
::m1206::
::m1207::
::m1208::
::m1209::
::m1210::
::m1211::
::m1212::
::m1213::
::m1214::
::m1215::
::m1216::
::m1217::
::m1218::
::m1219::
::m1220::
::m1221::
::m1222::
::m1223::
::m1224::
::m1225::
::m1226::
::m1227::
::m1228::
::m1229::
::m1230::
::m1231::
::m1232::
::m1233::
::m1234::
::m1235::
::m1236::
::m1237::
::m1238::
::m1239::
::m1240::
::m1241::
::m1242::
::m1243::
::m1244::
::m1245::
::m1246::
::m1247::
::m1248::
::m1249::
::m1250::
::m1251::
::m1252::
::m1253::
::m1254::
::m1255::
::m1256::
::m1257::
::m1258::
::m1259::
::m1260::
::m1261::
::m1262::
::m1263::
::m1264::
::m1265::
::m1266::
::m1267::
::m1268::
::m1269::
::m1270::
::m1271::
::m1272::
::m1273::
::m1274::
::m1275::
::m1276::
::m1277::
::m1278::
::m1279::
::m1280::
::m1281::
::m1282::
::m1283::
::m1284::
::m1285::
::m1286::
::m1287::
::m1288::
::m1289::
::m1290::
::m1291::
::m1292::
::m1293::
::m1294::
::m1295::
::m1296::
::m1297::
::m1298::
::m1299::
::m1300::
::m1301::
::m1302::
::m1303::
::m1304::
::m1305::
::m1306::
::m1307::
::m1308::
::m1309::
::m1310::
::m1311::
::m1312::
::m1313::
::m1314::
::m1315::
::m1316::
::m1317::
::m1318::
::m1319::
::m1320::
::m1321::
::m1322::
::m1323::
::m1324::
::m1325::
::m1326::
::m1327::
::m1328::
::m1329::
::m1330::
::m1331::
::m1332::
::m1333::
::m1334::
::m1335::
::m1336::
::m1337::
::m1338::
::m1339::
::m1340::
::m1341::
::m1342::
::m1343::
::m1344::
::m1345::
::m1346::
::m1347::
::m1348::
::m1349::
::m1350::
::m1351::
::m1352::
::m1353::
::m1354::
::m1355::
::m1356::
::m1357::
::m1358::
::m1359::
::m1360::
::m1361::
::m1362::
::m1363::
::m1364::
::m1365::
::m1366::
::m1367::
::m1368::
::m1369::
::m1370::
::m1371::
::m1372::
::m1373::
::m1374::
::m1375::
::m1376::
::m1377::
::m1378::
::m1379::
::m1380::
::m1381::
::m1382::
::m1383::
::m1384::
::m1385::
::m1386::
::m1387::
::m1388::
::m1389::
::m1390::
::m1391::
::m1392::
::m1393::
::m1394::
::m1395::
::m1396::
::m1397::
::m1398::
::m1399::
::m1400::
::m1401::
::m1402::
::m1403::
::m1404::
::m1405::
::m1406::
::m1407::
::m1408::
::m1409::
::m1410::
::m1411::
::m1412::
::m1413::
::m1414::
::m1415::
::m1416::
::m1417::
::m1418::
::m1419::
::m1420::
::m1421::
::m1422::
::m1423::
::m1424::
::m1425::
::m1426::
::m1427::
::m1428::
::m1429::
::m1430::
::m1431::
::m1432::
::m1433::
::m1434::
::m1435::
::m1436::
::m1437::
::m1438::
::m1439::
::m1440::
::m1441::
::m1442::
::m1443::
::m1444::
::m1445::
::m1446::
::m1447::
::m1448::
::m1449::
::m1450::
::m1451::
::m1452::
::m1453::
::m1454::
::m1455::
::m1456::
::m1457::
::m1458::
::m1459::
::m1460::
::m1461::
::m1462::
::m1463::
::m1464::
::m1465::
::m1466::
::m1467::
::m1468::
::m1469::
::m1470::
::m1471::
::m1472::
::m1473::
::m1474::
::m1475::
::m1476::
::m1477::
::m1478::
::m1479::
::m1480::
::m1481::
::m1482::
::m1483::
::m1484::
::m1485::
::m1486::
::m1487::
::m1488::
::m1489::
::m1490::
::m1491::
::m1492::
::m1493::
::m1494::
::m1495::
::m1496::
::m1497::
::m1498::
::m1499::
::m1500::
::m1501::
::m1502::
::m1503::
::m1504::
::m1505::
::m1506::
::m1507::
::m1508::
::m1509::
::m1510::
::m1511::
::m1512::
::m1513::
::m1514::
::m1515::
::m1516::
::m1517::
::m1518::
::m1519::
::m1520::
::m1521::
::m1522::
::m1523::
::m1524::
::m1525::
::m1526::
::m1527::
::m1528::
::m1529::
::m1530::
::m1531::
::m1532::
::m1533::
::m1534::
::m1535::
::m1536::
::m1537::
::m1538::
::m1539::
::m1540::
::m1541::
::m1542::
::m1543::
::m1544::
::m1545::
::m1546::
::m1547::
::m1548::
::m1549::
::m1550::
::m1551::
::m1552::
::m1553::
::m1554::
::m1555::
::m1556::
::m1557::
::m1558::
::m1559::
::m1560::
::m1561::
::m1562::
::m1563::
::m1564::
::m1565::
::m1566::
::m1567::
::m1568::
::m1569::
::m1570::
::m1571::
::m1572::
::m1573::
::m1574::
::m1575::
::m1576::
::m1577::
::m1578::
::m1579::
::m1580::
::m1581::
::m1582::
::m1583::
::m1584::
::m1585::
::m1586::
::m1587::
::m1588::
::m1589::
::m1590::
::m1591::
::m1592::
::m1593::
::m1594::
::m1595::
::m1596::
::m1597::
::m1598::
::m1599::
::m1600::
::m1601::
::m1602::
::m1603::
::m1604::
::m1605::
::m1606::
::m1607::
::m1608::
::m1609::
::m1610::
::m1611::
::m1612::
::m1613::
::m1614::
::m1615::
::m1616::
::m1617::
::m1618::
::m1619::
::m1620::
::m1621::
::m1622::
::m1623::
::m1624::
::m1625::
::m1626::
::m1627::
::m1628::
::m1629::
::m1630::
::m1631::
::m1632::
::m1633::
::m1634::
::m1635::
::m1636::
::m1637::
::m1638::
::m1639::
::m1640::
::m1641::
::m1642::
::m1643::
::m1644::
::m1645::
::m1646::
::m1647::
::m1648::
::m1649::
::m1650::
::m1651::
::m1652::
::m1653::
::m1654::
::m1655::
::m1656::
::m1657::
::m1658::
::m1659::
::m1660::
::m1661::
::m1662::
::m1663::
::m1664::
::m1665::
::m1666::
::m1667::
::m1668::
::m1669::
::m1670::
::m1671::
::m1672::
::m1673::
::m1674::
::m1675::
::m1676::
::m1677::
::m1678::
::m1679::
::m1680::
::m1681::
::m1682::
::m1683::
::m1684::
::m1685::
::m1686::
::m1687::
::m1688::
::m1689::
::m1690::
::m1691::
::m1692::
::m1693::
::m1694::
::m1695::
::m1696::
::m1697::
::m1698::
::m1699::
::m1700::
::m1701::
::m1702::
::m1703::
::m1704::
::m1705::
::m1706::
::m1707::
::m1708::
::m1709::
::m1710::
::m1711::
::m1712::
::m1713::
::m1714::
::m1715::
::m1716::
::m1717::
::m1718::
::m1719::
::m1720::
::m1721::
::m1722::
::m1723::
::m1724::
::m1725::
::m1726::
::m1727::
::m1728::
::m1729::
::m1730::
::m1731::
::m1732::
::m1733::
::m1734::
::m1735::
::m1736::
::m1737::
::m1738::
::m1739::
::m1740::
::m1741::
::m1742::
::m1743::
::m1744::
::m1745::
::m1746::
::m1747::
::m1748::
::m1749::
::m1750::
::m1751::
::m1752::
::m1753::
::m1754::
::m1755::
::m1756::
::m1757::
::m1758::
::m1759::
::m1760::
::m1761::
::m1762::
::m1763::
::m1764::
::m1765::
::m1766::
::m1767::
::m1768::
::m1769::
::m1770::
::m1771::
::m1772::
::m1773::
::m1774::
::m1775::
::m1776::
::m1777::
::m1778::
::m1779::
::m1780::
::m1781::
::m1782::
::m1783::
::m1784::
::m1785::
::m1786::
::m1787::
::m1788::
::m1789::
::m1790::
::m1791::
::m1792::
::m1793::
::m1794::
::m1795::
::m1796::
::m1797::
::m1798::
::m1799::
::m1800::
::m1801::
::m1802::
::m1803::
::m1804::
::m1805::
::m1806::
::m1807::
::m1808::
::m1809::
::m1810::
::m1811::
::m1812::
::m1813::
::m1814::
::m1815::
::m1816::
::m1817::
::m1818::
::m1819::
::m1820::
::m1821::
::m1822::
::m1823::
::m1824::
::m1825::
::m1826::
::m1827::
::m1828::
::m1829::
::m1830::
::m1831::
::m1832::
::m1833::
::m1834::
::m1835::
::m1836::
::m1837::
::m1838::
::m1839::
::m1840::
::m1841::
::m1842::
::m1843::
::m1844::
::m1845::
::m1846::
::m1847::
::m1848::
::m1849::
::m1850::
::m1851::
::m1852::
::m1853::
::m1854::
::m1855::
::m1856::
::m1857::
::m1858::
::m1859::
::m1860::
::m1861::
::m1862::
::m1863::
::m1864::
::m1865::
::m1866::
::m1867::
::m1868::
::m1869::
::m1870::
::m1871::
::m1872::
::m1873::
::m1874::
::m1875::
::m1876::
::m1877::
::m1878::
::m1879::
::m1880::
::m1881::
::m1882::
::m1883::
::m1884::
::m1885::
::m1886::
::m1887::
::m1888::
::m1889::
::m1890::
::m1891::
::m1892::
::m1893::
::m1894::
::m1895::
::m1896::
::m1897::
::m1898::
::m1899::
::m1900::
::m1901::
::m1902::
::m1903::
::m1904::
::m1905::
::m1906::
::m1907::
::m1908::
::m1909::
::m1910::
::m1911::
::m1912::
::m1913::
::m1914::
::m1915::
::m1916::
::m1917::
::m1918::
::m1919::
::m1920::
::m1921::
::m1922::
::m1923::
::m1924::
::m1925::
::m1926::
::m1927::
::m1928::
::m1929::
::m1930::
::m1931::
::m1932::
::m1933::
::m1934::
::m1935::
::m1936::
::m1937::
::m1938::
::m1939::
::m1940::
::m1941::
::m1942::
::m1943::
::m1944::
::m1945::
::m1946::
::m1947::
::m1948::
::m1949::
::m1950::
::m1951::
::m1952::
::m1953::
::m1954::
::m1955::
::m1956::
::m1957::
::m1958::
::m1959::
::m1960::
::m1961::
::m1962::
::m1963::
::m1964::
::m1965::
::m1966::
::m1967::
::m1968::
::m1969::
::m1970::
::m1971::
::m1972::
::m1973::
::m1974::
::m1975::
::m1976::
::m1977::
::m1978::
::m1979::
::m1980::
::m1981::
::m1982::
::m1983::
::m1984::
::m1985::
::m1986::
::m1987::
::m1988::
::m1989::
::m1990::
::m1991::
::m1992::
::m1993::
::m1994::
::m1995::
::m1996::
::m1997::
::m1998::
::m1999::
::m2000::
::m2001::
::m2002::
::m2003::
::m2004::
::m2005::
::m2006::
::m2007::
::m2008::
::m2009::
::m2010::
::m2011::
::m2012::
::m2013::
::m2014::
::m2015::
::m2016::
::m2017::
::m2018::
::m2019::
::m2020::
::m2021::
::m2022::
::m2023::
::m2024::
::m2025::
::m2026::
::m2027::
::m2028::
::m2029::
::m2030::
::m2031::
::m2032::
::m2033::
::m2034::
::m2035::
::m2036::
::m2037::
::m2038::
::m2039::
::m2040::
::m2041::
::m2042::
::m2043::
::m2044::
::m2045::
::m2046::
::m2047::
::m2048::
::m2049::
::m2050::
::m2051::
::m2052::
::m2053::
::m2054::
::m2055::
::m2056::
::m2057::
::m2058::
::m2059::
::m2060::
::m2061::
::m2062::
::m2063::
::m2064::
::m2065::
::m2066::
::m2067::
::m2068::
::m2069::
::m2070::
::m2071::
::m2072::
::m2073::
::m2074::
::m2075::
::m2076::
::m2077::
::m2078::
::m2079::
::m2080::
::m2081::
::m2082::
::m2083::
::m2084::
::m2085::
::m2086::
::m2087::
::m2088::
::m2089::
::m2090::
::m2091::
::m2092::
::m2093::
::m2094::
::m2095::
::m2096::
::m2097::
::m2098::
::m2099::
::m2100::
::m2101::
::m2102::
::m2103::
::m2104::
::m2105::
::m2106::
::m2107::
::m2108::
::m2109::
::m2110::
::m2111::
::m2112::
::m2113::
::m2114::
::m2115::
::m2116::
::m2117::
::m2118::
::m2119::
::m2120::
::m2121::
::m2122::
::m2123::
::m2124::
::m2125::
::m2126::
::m2127::
::m2128::
::m2129::
::m2130::
::m2131::
::m2132::
::m2133::
::m2134::
::m2135::
::m2136::
::m2137::
::m2138::
::m2139::
::m2140::
::m2141::
::m2142::
::m2143::
::m2144::
::m2145::
::m2146::
::m2147::
::m2148::
::m2149::
::m2150::
::m2151::
::m2152::
::m2153::
::m2154::
::m2155::
::m2156::
::m2157::
::m2158::
::m2159::
::m2160::
::m2161::
::m2162::
::m2163::
::m2164::
::m2165::
::m2166::
::m2167::
::m2168::
::m2169::
::m2170::
::m2171::
::m2172::
::m2173::
::m2174::
::m2175::
::m2176::
::m2177::
::m2178::
::m2179::
::m2180::
::m2181::
::m2182::
::m2183::
::m2184::
::m2185::
::m2186::
::m2187::
::m2188::
::m2189::
::m2190::
::m2191::
::m2192::
::m2193::
::m2194::
::m2195::
::m2196::
::m2197::
::m2198::
::m2199::
::m2200::
::m2201::
::m2202::
::m2203::
::m2204::
::m2205::
::m2206::
::m2207::
::m2208::
::m2209::
::m2210::
::m2211::
::m2212::
::m2213::
::m2214::
::m2215::
::m2216::
::m2217::
::m2218::
::m2219::
::m2220::
::m2221::
::m2222::
::m2223::
::m2224::
::m2225::
::m2226::
::m2227::
::m2228::
::m2229::
::m2230::
::m2231::
::m2232::
::m2233::
::m2234::
::m2235::
::m2236::
::m2237::
::m2238::
::m2239::
::m2240::
::m2241::
::m2242::
::m2243::
::m2244::
::m2245::
::m2246::
::m2247::
::m2248::
::m2249::
::m2250::
::m2251::
::m2252::
::m2253::
::m2254::
::m2255::
::m2256::
::m2257::
::m2258::
::m2259::
::m2260::
::m2261::
::m2262::
::m2263::
::m2264::
::m2265::
::m2266::
::m2267::
::m2268::
::m2269::
::m2270::
::m2271::
::m2272::
::m2273::
::m2274::
::m2275::
::m2276::
::m2277::
::m2278::
::m2279::
::m2280::
::m2281::
::m2282::
::m2283::
::m2284::
::m2285::
::m2286::
::m2287::
::m2288::
::m2289::
::m2290::
::m2291::
::m2292::
::m2293::
::m2294::
::m2295::
::m2296::
::m2297::
::m2298::
::m2299::
::m2300::
::m2301::
::m2302::
::m2303::
::m2304::
::m2305::
::m2306::
::m2307::
::m2308::
::m2309::
::m2310::
::m2311::
::m2312::
::m2313::
::m2314::
::m2315::
::m2316::
::m2317::
::m2318::
::m2319::
::m2320::
::m2321::
::m2322::
::m2323::
::m2324::
::m2325::
::m2326::
::m2327::
::m2328::
::m2329::
::m2330::
::m2331::
::m2332::
::m2333::
::m2334::
::m2335::
::m2336::
::m2337::
::m2338::
::m2339::
::m2340::
::m2341::
::m2342::
::m2343::
::m2344::
::m2345::
::m2346::
::m2347::
::m2348::
::m2349::
::m2350::
::m2351::
::m2352::
::m2353::
::m2354::
::m2355::
::m2356::
::m2357::
::m2358::
::m2359::
::m2360::
::m2361::
::m2362::
::m2363::
::m2364::
::m2365::
::m2366::
::m2367::
::m2368::
::m2369::
::m2370::
::m2371::
::m2372::
::m2373::
::m2374::
::m2375::
::m2376::
::m2377::
::m2378::
::m2379::
::m2380::
::m2381::
::m2382::
::m2383::
::m2384::
::m2385::
::m2386::
::m2387::
::m2388::
::m2389::
::m2390::
::m2391::
::m2392::
::m2393::
::m2394::
::m2395::
::m2396::
::m2397::
::m2398::
::m2399::
::m2400::
::m2401::
::m2402::
::m2403::
::m2404::
::m2405::
::m2406::
::m2407::
::m2408::
::m2409::
::m2410::
::m2411::
::m2412::
::m2413::
::m2414::
::m2415::
::m2416::
::m2417::
::m2418::
::m2419::
::m2420::
::m2421::
::m2422::
::m2423::
::m2424::
::m2425::
::m2426::
::m2427::
::m2428::
::m2429::
::m2430::
::m2431::
::m2432::
::m2433::
::m2434::
::m2435::
::m2436::
::m2437::
::m2438::
::m2439::
::m2440::
::m2441::
::m2442::
::m2443::
::m2444::
::m2445::
::m2446::
::m2447::
::m2448::
::m2449::
::m2450::
::m2451::
::m2452::
::m2453::
::m2454::
::m2455::
::m2456::
::m2457::
::m2458::
::m2459::
::m2460::
::m2461::
::m2462::
::m2463::
::m2464::
::m2465::
::m2466::
::m2467::
::m2468::
::m2469::
::m2470::
::m2471::
::m2472::
::m2473::
::m2474::
::m2475::
::m2476::
::m2477::
::m2478::
::m2479::
::m2480::
::m2481::
::m2482::
::m2483::
::m2484::
::m2485::
::m2486::
::m2487::
::m2488::
::m2489::
::m2490::
::m2491::
::m2492::
::m2493::
::m2494::
::m2495::
::m2496::
::m2497::
::m2498::
::m2499::
::m2500::
::m2501::
::m2502::
::m2503::
::m2504::
::m2505::
::m2506::
::m2507::
::m2508::
::m2509::
::m2510::
::m2511::
::m2512::
::m2513::
::m2514::
::m2515::
::m2516::
::m2517::
::m2518::
::m2519::
::m2520::
::m2521::
::m2522::
::m2523::
::m2524::
::m2525::
::m2526::
::m2527::
::m2528::
::m2529::
::m2530::
::m2531::
::m2532::
::m2533::
::m2534::
::m2535::
::m2536::
::m2537::
::m2538::
::m2539::
::m2540::
::m2541::
::m2542::
::m2543::
::m2544::
::m2545::
::m2546::
::m2547::
::m2548::
::m2549::
::m2550::
::m2551::
::m2552::
::m2553::
::m2554::
::m2555::
::m2556::
::m2557::
::m2558::
::m2559::
::m2560::
::m2561::
::m2562::
::m2563::
::m2564::
::m2565::
::m2566::
::m2567::
::m2568::
::m2569::
::m2570::
::m2571::
::m2572::
::m2573::
::m2574::
::m2575::
::m2576::
::m2577::
::m2578::
::m2579::
::m2580::
::m2581::
::m2582::
::m2583::
::m2584::
::m2585::
::m2586::
::m2587::
::m2588::
::m2589::
::m2590::
::m2591::
::m2592::
::m2593::
::m2594::
::m2595::
::m2596::
::m2597::
::m2598::
::m2599::
::m2600::
::m2601::
::m2602::
::m2603::
::m2604::
::m2605::
::m2606::
::m2607::
::m2608::
::m2609::
::m2610::
::m2611::
::m2612::
::m2613::
::m2614::
::m2615::
::m2616::
::m2617::
::m2618::
::m2619::
::m2620::
::m2621::
::m2622::
::m2623::
::m2624::
::m2625::
::m2626::
::m2627::
::m2628::
::m2629::
::m2630::
::m2631::
::m2632::
::m2633::
::m2634::
::m2635::
::m2636::
::m2637::
::m2638::
::m2639::
::m2640::
::m2641::
::m2642::
::m2643::
::m2644::
::m2645::
::m2646::
::m2647::
::m2648::
::m2649::
::m2650::
::m2651::
::m2652::
::m2653::
::m2654::
::m2655::
::m2656::
::m2657::
::m2658::
::m2659::
::m2660::
::m2661::
::m2662::
::m2663::
::m2664::
::m2665::
::m2666::
::m2667::
::m2668::
::m2669::
::m2670::
::m2671::
::m2672::
::m2673::
::m2674::
::m2675::
::m2676::
::m2677::
::m2678::
::m2679::
::m2680::
::m2681::
::m2682::
::m2683::
::m2684::
::m2685::
::m2686::
::m2687::
::m2688::
::m2689::
::m2690::
::m2691::
::m2692::
::m2693::
::m2694::
::m2695::
::m2696::
::m2697::
::m2698::
::m2699::
::m2700::
::m2701::
::m2702::
::m2703::
::m2704::
::m2705::
::m2706::
::m2707::
::m2708::
::m2709::
::m2710::
::m2711::
::m2712::
::m2713::
::m2714::
::m2715::
::m2716::
::m2717::
::m2718::
::m2719::
::m2720::
::m2721::
::m2722::
::m2723::
::m2724::
::m2725::
::m2726::
::m2727::
::m2728::
::m2729::
::m2730::
::m2731::
::m2732::
::m2733::
::m2734::
::m2735::
::m2736::
::m2737::
::m2738::
::m2739::
::m2740::
::m2741::
::m2742::
::m2743::
::m2744::
::m2745::
::m2746::
::m2747::
::m2748::
::m2749::
::m2750::
::m2751::
::m2752::
::m2753::
::m2754::
::m2755::
::m2756::
::m2757::
::m2758::
::m2759::
::m2760::
::m2761::
::m2762::
::m2763::
::m2764::
::m2765::
::m2766::
::m2767::
::m2768::
::m2769::
::m2770::
::m2771::
::m2772::
::m2773::
::m2774::
::m2775::
::m2776::
::m2777::
::m2778::
::m2779::
::m2780::
::m2781::
::m2782::
::m2783::
::m2784::
::m2785::
::m2786::
::m2787::
::m2788::
::m2789::
::m2790::
::m2791::
::m2792::
::m2793::
::m2794::
::m2795::
::m2796::
::m2797::
::m2798::
::m2799::
::m2800::
::m2801::
::m2802::
::m2803::
::m2804::
::m2805::
::m2806::
::m2807::
::m2808::
::m2809::
::m2810::
::m2811::
::m2812::
::m2813::
::m2814::
::m2815::
::m2816::
::m2817::
::m2818::
::m2819::
::m2820::
::m2821::
::m2822::
::m2823::
::m2824::
::m2825::
::m2826::
::m2827::
::m2828::
::m2829::
::m2830::
::m2831::
::m2832::
::m2833::
::m2834::
::m2835::
::m2836::
::m2837::
::m2838::
::m2839::
::m2840::
::m2841::
::m2842::
::m2843::
::m2844::
::m2845::
::m2846::
::m2847::
::m2848::
::m2849::
::m2850::
::m2851::
::m2852::
::m2853::
::m2854::
::m2855::
::m2856::
::m2857::
::m2858::
::m2859::
::m2860::
::m2861::
::m2862::
::m2863::
::m2864::
::m2865::
::m2866::
::m2867::
::m2868::
::m2869::
::m2870::
::m2871::
::m2872::
::m2873::
::m2874::
::m2875::
::m2876::
::m2877::
::m2878::
::m2879::
::m2880::
::m2881::
::m2882::
::m2883::
::m2884::
::m2885::
::m2886::
::m2887::
::m2888::
::m2889::
::m2890::
::m2891::
::m2892::
::m2893::
::m2894::
::m2895::
::m2896::
::m2897::
::m2898::
::m2899::
::m2900::
::m2901::
::m2902::
::m2903::
::m2904::
::m2905::
::m2906::
::m2907::
::m2908::
::m2909::
::m2910::
::m2911::
::m2912::
::m2913::
::m2914::
::m2915::
::m2916::
::m2917::
::m2918::
::m2919::
::m2920::
::m2921::
::m2922::
::m2923::
::m2924::
::m2925::
::m2926::
::m2927::
::m2928::
::m2929::
::m2930::
::m2931::
::m2932::
::m2933::
::m2934::
::m2935::
::m2936::
::m2937::
::m2938::
::m2939::
::m2940::
::m2941::
::m2942::
::m2943::
::m2944::
::m2945::
::m2946::
::m2947::
::m2948::
::m2949::
::m2950::
::m2951::
::m2952::
::m2953::
::m2954::
::m2955::
::m2956::
::m2957::
::m2958::
::m2959::
::m2960::
::m2961::
::m2962::
::m2963::
::m2964::
::m2965::
::m2966::
::m2967::
::m2968::
::m2969::
::m2970::
::m2971::
::m2972::
::m2973::
::m2974::
::m2975::
::m2976::
::m2977::
::m2978::
::m2979::
::m2980::
::m2981::
::m2982::
::m2983::
::m2984::
::m2985::
::m2986::
::m2987::
::m2988::
::m2989::
::m2990::
::m2991::
::m2992::
::m2993::
::m2994::
::m2995::
::m2996::
::m2997::
::m2998::
::m2999::
::m3000::
::m3001::
::m3002::
::m3003::
::m3004::
::m3005::
::m3006::
::m3007::
::m3008::
::m3009::
::m3010::
::m3011::
::m3012::
::m3013::
::m3014::
::m3015::
::m3016::
::m3017::
::m3018::
::m3019::
::m3020::
::m3021::
::m3022::
::m3023::
::m3024::
::m3025::
::m3026::
::m3027::
::m3028::
::m3029::
::m3030::
::m3031::
::m3032::
::m3033::
::m3034::
::m3035::
::m3036::
::m3037::
::m3038::
::m3039::
::m3040::
::m3041::
::m3042::
::m3043::
::m3044::
::m3045::
::m3046::
::m3047::
::m3048::
::m3049::
::m3050::
::m3051::
::m3052::
::m3053::
::m3054::
::m3055::
::m3056::
::m3057::
::m3058::
::m3059::
::m3060::
::m3061::
::m3062::
::m3063::
::m3064::
::m3065::
::m3066::
::m3067::
::m3068::
::m3069::
::m3070::
::m3071::
::m3072::
::m3073::
::m3074::
::m3075::
::m3076::
::m3077::
::m3078::
::m3079::
::m3080::
::m3081::
::m3082::
::m3083::
::m3084::
::m3085::
::m3086::
::m3087::
::m3088::
::m3089::
::m3090::
::m3091::
::m3092::
::m3093::
::m3094::
::m3095::
::m3096::
::m3097::
::m3098::
::m3099::
::m3100::
::m3101::
::m3102::
::m3103::
::m3104::
::m3105::
::m3106::
::m3107::
::m3108::
::m3109::
::m3110::
::m3111::
::m3112::
::m3113::
::m3114::
::m3115::
::m3116::
::m3117::
::m3118::
::m3119::
::m3120::
::m3121::
::m3122::
::m3123::
::m3124::
::m3125::
::m3126::
::m3127::
::m3128::
::m3129::
::m3130::
::m3131::
::m3132::
::m3133::
::m3134::
::m3135::
::m3136::
::m3137::
::m3138::
::m3139::
::m3140::
::m3141::
::m3142::
::m3143::
::m3144::
::m3145::
::m3146::
::m3147::
::m3148::
::m3149::
::m3150::
::m3151::
::m3152::
::m3153::
::m3154::
::m3155::
::m3156::
::m3157::
::m3158::
::m3159::
::m3160::
::m3161::
::m3162::
::m3163::
::m3164::
::m3165::
::m3166::
::m3167::
::m3168::
::m3169::
::m3170::
::m3171::
::m3172::
::m3173::
::m3174::
::m3175::
::m3176::
::m3177::
::m3178::
::m3179::
::m3180::
::m3181::
::m3182::
::m3183::
::m3184::
::m3185::
::m3186::
::m3187::
::m3188::
::m3189::
::m3190::
::m3191::
::m3192::
::m3193::
::m3194::
::m3195::
::m3196::
::m3197::
::m3198::
::m3199::
::m3200::
::m3201::
::m3202::
::m3203::
::m3204::
::m3205::
::m3206::
::m3207::
::m3208::
::m3209::
::m3210::
::m3211::
::m3212::
::m3213::
::m3214::
::m3215::
::m3216::
::m3217::
::m3218::
::m3219::
::m3220::
::m3221::
::m3222::
::m3223::
::m3224::
::m3225::
::m3226::
::m3227::
::m3228::
::m3229::
::m3230::
::m3231::
::m3232::
::m3233::
::m3234::
::m3235::
::m3236::
::m3237::
::m3238::
::m3239::
::m3240::
::m3241::
::m3242::
::m3243::
::m3244::
::m3245::
::m3246::
::m3247::
::m3248::
::m3249::
::m3250::
::m3251::
::m3252::
::m3253::
::m3254::
::m3255::
::m3256::
::m3257::
::m3258::
::m3259::
::m3260::
::m3261::
::m3262::
::m3263::
::m3264::
::m3265::
::m3266::
::m3267::
::m3268::
::m3269::
::m3270::
::m3271::
::m3272::
::m3273::
::m3274::
::m3275::
::m3276::
::m3277::
::m3278::
::m3279::
::m3280::
::m3281::
::m3282::
::m3283::
::m3284::
::m3285::
::m3286::
::m3287::
::m3288::
::m3289::
::m3290::
::m3291::
::m3292::
::m3293::
::m3294::
::m3295::
::m3296::
::m3297::
::m3298::
::m3299::
::m3300::
::m3301::
::m3302::
::m3303::
::m3304::
::m3305::
::m3306::
::m3307::
::m3308::
::m3309::
::m3310::
::m3311::
::m3312::
::m3313::
::m3314::
::m3315::
::m3316::
::m3317::
::m3318::
::m3319::
::m3320::
::m3321::
::m3322::
::m3323::
::m3324::
::m3325::
::m3326::
::m3327::
::m3328::
::m3329::
::m3330::
::m3331::
::m3332::
::m3333::
::m3334::
::m3335::
::m3336::
::m3337::
::m3338::
::m3339::
::m3340::
::m3341::
::m3342::
::m3343::
::m3344::
::m3345::
::m3346::
::m3347::
::m3348::
::m3349::
::m3350::
::m3351::
::m3352::
::m3353::
::m3354::
::m3355::
::m3356::
::m3357::
::m3358::
::m3359::
::m3360::
::m3361::
::m3362::
::m3363::
::m3364::
::m3365::
::m3366::
::m3367::
::m3368::
::m3369::
::m3370::
::m3371::
::m3372::
::m3373::
::m3374::
::m3375::
::m3376::
::m3377::
::m3378::
::m3379::
::m3380::
::m3381::
::m3382::
::m3383::
::m3384::
::m3385::
::m3386::
::m3387::
::m3388::
::m3389::
::m3390::
::m3391::
::m3392::
::m3393::
::m3394::
::m3395::
::m3396::
::m3397::
::m3398::
::m3399::
::m3400::
::m3401::
::m3402::
::m3403::
::m3404::
::m3405::
::m3406::
::m3407::
::m3408::
::m3409::
::m3410::
::m3411::
::m3412::
::m3413::
::m3414::
::m3415::
::m3416::
::m3417::
::m3418::
::m3419::
::m3420::
::m3421::
::m3422::
::m3423::
::m3424::
::m3425::
::m3426::
::m3427::
::m3428::
::m3429::
::m3430::
::m3431::
::m3432::
::m3433::
::m3434::
::m3435::
::m3436::
::m3437::
::m3438::
::m3439::
::m3440::
::m3441::
::m3442::
::m3443::
::m3444::
::m3445::
::m3446::
::m3447::
::m3448::
::m3449::
::m3450::
::m3451::
::m3452::
::m3453::
::m3454::
::m3455::
::m3456::
::m3457::
::m3458::
::m3459::
::m3460::
::m3461::
::m3462::
::m3463::
::m3464::
::m3465::
::m3466::
::m3467::
::m3468::
::m3469::
::m3470::
::m3471::
::m3472::
::m3473::
::m3474::
::m3475::
::m3476::
::m3477::
::m3478::
::m3479::
::m3480::
::m3481::
::m3482::
::m3483::
::m3484::
::m3485::
::m3486::
::m3487::
::m3488::
::m3489::
::m3490::
::m3491::
::m3492::
::m3493::
::m3494::
::m3495::
::m3496::
::m3497::
::m3498::
::m3499::
::m3500::
::m3501::
::m3502::
::m3503::
::m3504::
::m3505::
::m3506::
::m3507::
::m3508::
::m3509::
::m3510::
::m3511::
::m3512::
::m3513::
::m3514::
::m3515::
::m3516::
::m3517::
::m3518::
::m3519::
::m3520::
::m3521::
::m3522::
::m3523::
::m3524::
::m3525::
::m3526::
::m3527::
::m3528::
::m3529::
::m3530::
::m3531::
::m3532::
::m3533::
::m3534::
::m3535::
::m3536::
::m3537::
::m3538::
::m3539::
::m3540::
::m3541::
::m3542::
::m3543::
::m3544::
::m3545::
::m3546::
::m3547::
::m3548::
::m3549::
::m3550::
::m3551::
::m3552::
::m3553::
::m3554::
::m3555::
::m3556::
::m3557::
::m3558::
::m3559::
::m3560::
::m3561::
::m3562::
::m3563::
::m3564::
::m3565::
::m3566::
::m3567::
::m3568::
::m3569::
::m3570::
::m3571::
::m3572::
::m3573::
::m3574::
::m3575::
::m3576::
::m3577::
::m3578::
::m3579::
::m3580::
::m3581::
::m3582::
::m3583::
::m3584::
::m3585::
::m3586::
::m3587::
::m3588::
::m3589::
::m3590::
::m3591::
::m3592::
::m3593::
::m3594::
::m3595::
::m3596::
::m3597::
::m3598::
::m3599::
::m3600::
::m3601::
::m3602::
::m3603::
::m3604::
::m3605::
::m3606::
::m3607::
::m3608::
::m3609::
::m3610::
::m3611::
::m3612::
::m3613::
::m3614::
::m3615::
::m3616::
::m3617::
::m3618::
::m3619::
::m3620::
::m3621::
::m3622::
::m3623::
::m3624::
::m3625::
::m3626::
::m3627::
::m3628::
::m3629::
::m3630::
::m3631::
::m3632::
::m3633::
::m3634::
::m3635::
::m3636::
::m3637::
::m3638::
::m3639::
::m3640::
::m3641::
::m3642::
::m3643::
::m3644::
::m3645::
::m3646::
::m3647::
::m3648::
::m3649::
::m3650::
::m3651::
::m3652::
::m3653::
::m3654::
::m3655::
::m3656::
::m3657::
::m3658::
::m3659::
::m3660::
::m3661::
::m3662::
::m3663::
::m3664::
::m3665::
::m3666::
::m3667::
::m3668::
::m3669::
::m3670::
::m3671::
::m3672::
::m3673::
::m3674::
::m3675::
::m3676::
::m3677::
::m3678::
::m3679::
::m3680::
::m3681::
::m3682::
::m3683::
::m3684::
::m3685::
::m3686::
::m3687::
::m3688::
::m3689::
::m3690::
::m3691::
::m3692::
::m3693::
::m3694::
::m3695::
::m3696::
::m3697::
::m3698::
::m3699::
::m3700::
::m3701::
::m3702::
::m3703::
::m3704::
::m3705::
::m3706::
::m3707::
::m3708::
::m3709::
::m3710::
::m3711::
::m3712::
::m3713::
::m3714::
::m3715::
::m3716::
::m3717::
::m3718::
::m3719::
::m3720::
::m3721::
::m3722::
::m3723::
::m3724::
::m3725::
::m3726::
::m3727::
::m3728::
::m3729::
::m3730::
::m3731::
::m3732::
::m3733::
::m3734::
::m3735::
::m3736::
::m3737::
::m3738::
::m3739::
::m3740::
::m3741::
::m3742::
::m3743::
::m3744::
::m3745::
::m3746::
::m3747::
::m3748::
::m3749::
::m3750::
::m3751::
::m3752::
::m3753::
::m3754::
::m3755::
::m3756::
::m3757::
::m3758::
::m3759::
::m3760::
::m3761::
::m3762::
::m3763::
::m3764::
::m3765::
::m3766::
::m3767::
::m3768::
::m3769::
::m3770::
::m3771::
::m3772::
::m3773::
::m3774::
::m3775::
::m3776::
::m3777::
::m3778::
::m3779::
::m3780::
::m3781::
::m3782::
::m3783::
::m3784::
::m3785::
::m3786::
::m3787::
::m3788::
::m3789::
::m3790::
::m3791::
::m3792::
::m3793::
::m3794::
::m3795::
::m3796::
::m3797::
::m3798::
::m3799::
::m3800::
::m3801::
::m3802::
::m3803::
::m3804::
::m3805::
::m3806::
::m3807::
::m3808::
::m3809::
::m3810::
::m3811::
::m3812::
::m3813::
::m3814::
::m3815::
::m3816::
::m3817::
::m3818::
::m3819::
::m3820::
::m3821::
::m3822::
::m3823::
::m3824::
::m3825::
::m3826::
::m3827::
::m3828::
::m3829::
::m3830::
::m3831::
::m3832::
::m3833::
::m3834::
::m3835::
::m3836::
::m3837::
::m3838::
::m3839::
::m3840::
::m3841::
::m3842::
::m3843::
::m3844::
::m3845::
::m3846::
::m3847::
::m3848::
::m3849::
::m3850::
::m3851::
::m3852::
::m3853::
::m3854::
::m3855::
::m3856::
::m3857::
::m3858::
::m3859::
::m3860::
::m3861::
::m3862::
::m3863::
::m3864::
::m3865::
::m3866::
::m3867::
::m3868::
::m3869::
::m3870::
::m3871::
::m3872::
::m3873::
::m3874::
::m3875::
::m3876::
::m3877::
::m3878::
::m3879::
::m3880::
::m3881::
::m3882::
::m3883::
::m3884::
::m3885::
::m3886::
::m3887::
::m3888::
::m3889::
::m3890::
::m3891::
::m3892::
::m3893::
::m3894::
::m3895::
::m3896::
::m3897::
::m3898::
::m3899::
::m3900::
::m3901::
::m3902::
::m3903::
::m3904::
::m3905::
::m3906::
::m3907::
::m3908::
::m3909::
::m3910::
::m3911::
::m3912::
::m3913::
::m3914::
::m3915::
::m3916::
::m3917::
::m3918::
::m3919::
::m3920::
::m3921::
::m3922::
::m3923::
::m3924::
::m3925::
::m3926::
::m3927::
::m3928::
::m3929::
::m3930::
::m3931::
::m3932::
::m3933::
::m3934::
::m3935::
::m3936::
::m3937::
::m3938::
::m3939::
::m3940::
::m3941::
::m3942::
::m3943::
::m3944::
::m3945::
::m3946::
::m3947::
::m3948::
::m3949::
::m3950::
::m3951::
::m3952::
::m3953::
::m3954::
::m3955::
::m3956::
::m3957::
::m3958::
::m3959::
::m3960::
::m3961::
::m3962::
::m3963::
::m3964::
::m3965::
::m3966::
::m3967::
::m3968::
::m3969::
::m3970::
::m3971::
::m3972::
::m3973::
::m3974::
::m3975::
::m3976::
::m3977::
::m3978::
::m3979::
::m3980::
::m3981::
::m3982::
::m3983::
::m3984::
::m3985::
::m3986::
::m3987::
::m3988::
::m3989::
::m3990::
::m3991::
::m3992::
::m3993::
::m3994::
::m3995::
::m3996::
::m3997::
::m3998::
::m3999::
::m4000::
::m4001::
::m4002::
::m4003::
::m4004::
::m4005::
::m4006::
::m4007::
::m4008::
::m4009::
::m4010::
::m4011::
::m4012::
::m4013::
::m4014::
::m4015::
::m4016::
::m4017::
::m4018::
::m4019::
::m4020::
::m4021::
::m4022::
::m4023::
::m4024::
::m4025::
::m4026::
::m4027::
::m4028::
::m4029::
::m4030::
::m4031::
::m4032::
::m4033::
::m4034::
::m4035::
::m4036::
::m4037::
::m4038::
::m4039::
::m4040::
::m4041::
::m4042::
::m4043::
::m4044::
::m4045::
::m4046::
::m4047::
::m4048::
::m4049::
::m4050::
::m4051::
::m4052::
::m4053::
::m4054::
::m4055::
::m4056::
::m4057::
::m4058::
::m4059::
::m4060::
::m4061::
::m4062::
::m4063::
::m4064::
::m4065::
::m4066::
::m4067::
::m4068::
::m4069::
::m4070::
::m4071::
::m4072::
::m4073::
::m4074::
::m4075::
::m4076::
::m4077::
::m4078::
::m4079::
::m4080::
::m4081::
::m4082::
::m4083::
::m4084::
::m4085::
::m4086::
::m4087::
::m4088::
::m4089::
::m4090::
::m4091::
::m4092::
::m4093::
::m4094::
::m4095::
::m4096::
::m4097::
::m4098::
::m4099::
::m4100::
::m4101::
::m4102::
::m4103::
::m4104::
::m4105::
::m4106::
::m4107::
::m4108::
::m4109::
::m4110::
::m4111::
::m4112::
::m4113::
::m4114::
::m4115::
::m4116::
::m4117::
::m4118::
::m4119::
::m4120::
::m4121::
::m4122::
::m4123::
::m4124::
::m4125::
::m4126::
::m4127::
::m4128::
::m4129::
::m4130::
::m4131::
::m4132::
::m4133::
::m4134::
::m4135::
::m4136::
::m4137::
::m4138::
::m4139::
::m4140::
::m4141::
::m4142::
::m4143::
::m4144::
::m4145::
::m4146::
::m4147::
::m4148::
::m4149::
::m4150::
::m4151::
::m4152::
::m4153::
::m4154::
::m4155::
::m4156::
::m4157::
::m4158::
::m4159::
::m4160::
::m4161::
::m4162::
::m4163::
::m4164::
::m4165::
::m4166::
::m4167::
::m4168::
::m4169::
::m4170::
::m4171::
::m4172::
::m4173::
::m4174::
::m4175::
::m4176::
::m4177::
::m4178::
::m4179::
::m4180::
::m4181::
::m4182::
::m4183::
::m4184::
::m4185::
::m4186::
::m4187::
::m4188::
::m4189::
::m4190::
::m4191::
::m4192::
::m4193::
::m4194::
::m4195::
::m4196::
::m4197::
::m4198::
::m4199::
::m4200::
::m4201::
::m4202::
::m4203::
::m4204::
::m4205::
::m4206::
::m4207::
::m4208::
::m4209::
::m4210::
::m4211::
::m4212::
::m4213::
::m4214::
::m4215::
::m4216::
::m4217::
::m4218::
::m4219::
::m4220::
::m4221::
::m4222::
::m4223::
::m4224::
::m4225::
::m4226::
::m4227::
::m4228::
::m4229::
::m4230::
::m4231::
::m4232::
::m4233::
::m4234::
::m4235::
::m4236::
::m4237::
::m4238::
::m4239::
::m4240::
::m4241::
::m4242::
::m4243::
::m4244::
::m4245::
::m4246::
::m4247::
::m4248::
::m4249::
::m4250::
::m4251::
::m4252::
::m4253::
::m4254::
::m4255::
::m4256::
::m4257::
::m4258::
::m4259::
::m4260::
::m4261::
::m4262::
::m4263::
::m4264::
::m4265::
::m4266::
::m4267::
::m4268::
::m4269::
::m4270::
::m4271::
::m4272::
::m4273::
::m4274::
::m4275::
::m4276::
::m4277::
::m4278::
::m4279::
::m4280::
::m4281::
::m4282::
::m4283::
::m4284::
::m4285::
::m4286::
::m4287::
::m4288::
::m4289::
::m4290::
::m4291::
::m4292::
::m4293::
::m4294::
::m4295::
::m4296::
::m4297::
::m4298::
::m4299::
::m4300::
::m4301::
::m4302::
::m4303::
::m4304::
::m4305::
::m4306::
::m4307::
::m4308::
::m4309::
::m4310::
::m4311::
::m4312::
::m4313::
::m4314::
::m4315::
::m4316::
::m4317::
::m4318::
::m4319::
::m4320::
::m4321::
::m4322::
::m4323::
::m4324::
::m4325::
::m4326::
::m4327::
::m4328::
::m4329::
::m4330::
::m4331::
::m4332::
::m4333::
::m4334::
::m4335::
::m4336::
::m4337::
::m4338::
::m4339::
::m4340::
::m4341::
::m4342::
::m4343::
::m4344::
::m4345::
::m4346::
::m4347::
::m4348::
::m4349::
::m4350::
::m4351::
::m4352::
::m4353::
::m4354::
::m4355::
::m4356::
::m4357::
::m4358::
::m4359::
::m4360::
::m4361::
::m4362::
::m4363::
::m4364::
::m4365::
::m4366::
::m4367::
::m4368::
::m4369::
::m4370::
::m4371::
::m4372::
::m4373::
::m4374::
::m4375::
::m4376::
::m4377::
::m4378::
::m4379::
::m4380::
::m4381::
::m4382::
::m4383::
::m4384::
::m4385::
::m4386::
::m4387::
::m4388::
::m4389::
::m4390::
::m4391::
::m4392::
::m4393::
::m4394::
::m4395::
::m4396::
::m4397::
::m4398::
::m4399::
::m4400::
::m4401::
::m4402::
::m4403::
::m4404::
::m4405::
::m4406::
::m4407::
::m4408::
::m4409::
::m4410::
::m4411::
::m4412::
::m4413::
::m4414::
::m4415::
::m4416::
::m4417::
::m4418::
::m4419::
::m4420::
::m4421::
::m4422::
::m4423::
::m4424::
::m4425::
::m4426::
::m4427::
::m4428::
::m4429::
::m4430::
::m4431::
::m4432::
::m4433::
::m4434::
::m4435::
::m4436::
::m4437::
::m4438::
::m4439::
::m4440::
::m4441::
::m4442::
::m4443::
::m4444::
::m4445::
::m4446::
::m4447::
::m4448::
::m4449::
::m4450::
::m4451::
::m4452::
::m4453::
::m4454::
::m4455::
::m4456::
::m4457::
::m4458::
::m4459::
::m4460::
::m4461::
::m4462::
::m4463::
::m4464::
::m4465::
::m4466::
::m4467::
::m4468::
::m4469::
::m4470::
::m4471::
::m4472::
::m4473::
::m4474::
::m4475::
::m4476::
::m4477::
::m4478::
::m4479::
::m4480::
::m4481::
::m4482::
::m4483::
::m4484::
::m4485::
::m4486::
::m4487::
::m4488::
::m4489::
::m4490::
::m4491::
::m4492::
::m4493::
::m4494::
::m4495::
::m4496::
::m4497::
::m4498::
::m4499::
::m4500::
::m4501::
::m4502::
::m4503::
::m4504::
::m4505::
::m4506::
::m4507::
::m4508::
::m4509::
::m4510::
::m4511::
::m4512::
::m4513::
::m4514::
::m4515::
::m4516::
::m4517::
::m4518::
::m4519::
::m4520::
::m4521::
::m4522::
::m4523::
::m4524::
::m4525::
::m4526::
::m4527::
::m4528::
::m4529::
::m4530::
::m4531::
::m4532::
::m4533::
::m4534::
::m4535::
::m4536::
::m4537::
::m4538::
::m4539::
::m4540::
::m4541::
::m4542::
::m4543::
::m4544::
::m4545::
::m4546::
::m4547::
::m4548::
::m4549::
::m4550::
::m4551::
::m4552::
::m4553::
::m4554::
::m4555::
::m4556::
::m4557::
::m4558::
::m4559::
::m4560::
::m4561::
::m4562::
::m4563::
::m4564::
::m4565::
::m4566::
::m4567::
::m4568::
::m4569::
::m4570::
::m4571::
::m4572::
::m4573::
::m4574::
::m4575::
::m4576::
::m4577::
::m4578::
::m4579::
::m4580::
::m4581::
::m4582::
::m4583::
::m4584::
::m4585::
::m4586::
::m4587::
::m4588::
::m4589::
::m4590::
::m4591::
::m4592::
::m4593::
::m4594::
::m4595::
::m4596::
::m4597::
::m4598::
::m4599::
::m4600::
::m4601::
::m4602::
::m4603::
::m4604::
::m4605::
::m4606::
::m4607::
::m4608::
::m4609::
::m4610::
::m4611::
::m4612::
::m4613::
::m4614::
::m4615::
::m4616::
::m4617::
::m4618::
::m4619::
::m4620::
::m4621::
::m4622::
::m4623::
::m4624::
::m4625::
::m4626::
::m4627::
::m4628::
::m4629::
::m4630::
::m4631::
::m4632::
::m4633::
::m4634::
::m4635::
::m4636::
::m4637::
::m4638::
::m4639::
::m4640::
::m4641::
::m4642::
::m4643::
::m4644::
::m4645::
::m4646::
::m4647::
::m4648::
::m4649::
::m4650::
::m4651::
::m4652::
::m4653::
::m4654::
::m4655::
::m4656::
::m4657::
::m4658::
::m4659::
::m4660::
::m4661::
::m4662::
::m4663::
::m4664::
::m4665::
::m4666::
::m4667::
::m4668::
::m4669::
::m4670::
::m4671::
::m4672::
::m4673::
::m4674::
::m4675::
::m4676::
::m4677::
::m4678::
::m4679::
::m4680::
::m4681::
::m4682::
::m4683::
::m4684::
::m4685::
::m4686::
::m4687::
::m4688::
::m4689::
::m4690::
::m4691::
::m4692::
::m4693::
::m4694::
::m4695::
::m4696::
::m4697::
::m4698::
::m4699::
::m4700::
::m4701::
::m4702::
::m4703::
::m4704::
::m4705::
::m4706::
::m4707::
::m4708::
::m4709::
::m4710::
::m4711::
::m4712::
::m4713::
::m4714::
::m4715::
::m4716::
::m4717::
::m4718::
::m4719::
::m4720::
::m4721::
::m4722::
::m4723::
::m4724::
::m4725::
::m4726::
::m4727::
::m4728::
::m4729::
::m4730::
::m4731::
::m4732::
::m4733::
::m4734::
::m4735::
::m4736::
::m4737::
::m4738::
::m4739::
::m4740::
::m4741::
::m4742::
::m4743::
::m4744::
::m4745::
::m4746::
::m4747::
::m4748::
::m4749::
::m4750::
::m4751::
::m4752::
::m4753::
::m4754::
::m4755::
::m4756::
::m4757::
::m4758::
::m4759::
::m4760::
::m4761::
::m4762::
::m4763::
::m4764::
::m4765::
::m4766::
::m4767::
::m4768::
::m4769::
::m4770::
::m4771::
::m4772::
::m4773::
::m4774::
::m4775::
::m4776::
::m4777::
::m4778::
::m4779::
::m4780::
::m4781::
::m4782::
::m4783::
::m4784::
::m4785::
::m4786::
::m4787::
::m4788::
::m4789::
::m4790::
::m4791::
::m4792::
::m4793::
::m4794::
::m4795::
::m4796::
::m4797::
::m4798::
::m4799::
::m4800::
::m4801::
::m4802::
::m4803::
::m4804::
::m4805::
::m4806::
::m4807::
::m4808::
::m4809::
::m4810::
::m4811::
::m4812::
::m4813::
::m4814::
::m4815::
::m4816::
::m4817::
::m4818::
::m4819::
::m4820::
::m4821::
::m4822::
::m4823::
::m4824::
::m4825::
::m4826::
::m4827::
::m4828::
::m4829::
::m4830::
::m4831::
::m4832::
::m4833::
::m4834::
::m4835::
::m4836::
::m4837::
::m4838::
::m4839::
::m4840::
::m4841::
::m4842::
::m4843::
::m4844::
::m4845::
::m4846::
::m4847::
::m4848::
::m4849::
::m4850::
::m4851::
::m4852::
::m4853::
::m4854::
::m4855::
::m4856::
::m4857::
::m4858::
::m4859::
::m4860::
::m4861::
::m4862::
::m4863::
::m4864::
::m4865::
::m4866::
::m4867::
::m4868::
::m4869::
::m4870::
::m4871::
::m4872::
::m4873::
::m4874::
::m4875::
::m4876::
::m4877::
::m4878::
::m4879::
::m4880::
::m4881::
::m4882::
::m4883::
::m4884::
::m4885::
::m4886::
::m4887::
::m4888::
::m4889::
::m4890::
::m4891::
::m4892::
::m4893::
::m4894::
::m4895::
::m4896::
::m4897::
::m4898::
::m4899::
::m4900::
::m4901::
::m4902::
::m4903::
::m4904::
::m4905::
::m4906::
::m4907::
::m4908::
::m4909::
::m4910::
::m4911::
::m4912::
::m4913::
::m4914::
::m4915::
::m4916::
::m4917::
::m4918::
::m4919::
::m4920::
::m4921::
::m4922::
::m4923::
::m4924::
::m4925::
::m4926::
::m4927::
::m4928::
::m4929::
::m4930::
::m4931::
::m4932::
::m4933::
::m4934::
::m4935::
::m4936::
::m4937::
::m4938::
::m4939::
::m4940::
::m4941::
::m4942::
::m4943::
::m4944::
::m4945::
::m4946::
::m4947::
::m4948::
::m4949::
::m4950::
::m4951::
::m4952::
::m4953::
::m4954::
::m4955::
::m4956::
::m4957::
::m4958::
::m4959::
::m4960::
::m4961::
::m4962::
::m4963::
::m4964::
::m4965::
::m4966::
::m4967::
::m4968::
::m4969::
::m4970::
::m4971::
::m4972::
::m4973::
::m4974::
::m4975::
::m4976::
::m4977::
::m4978::
::m4979::
::m4980::
::m4981::
::m4982::
::m4983::
::m4984::
::m4985::
::m4986::
::m4987::
::m4988::
::m4989::
::m4990::
::m4991::
::m4992::
::m4993::
::m4994::
::m4995::
::m4996::
::m4997::
::m4998::
::m4999::
::m5000::
::m5001::
::m5002::
::m5003::
::m5004::
::m5005::
::m5006::
::m5007::
::m5008::
::m5009::
::m5010::
::m5011::
::m5012::
::m5013::
::m5014::
::m5015::
::m5016::
::m5017::
::m5018::
::m5019::
::m5020::
::m5021::
::m5022::
::m5023::
::m5024::
::m5025::
::m5026::
::m5027::
::m5028::
::m5029::
::m5030::
::m5031::
::m5032::
::m5033::
::m5034::
::m5035::
::m5036::
::m5037::
::m5038::
::m5039::
::m5040::
::m5041::
::m5042::
::m5043::
::m5044::
::m5045::
::m5046::
::m5047::
::m5048::
::m5049::
::m5050::
::m5051::
::m5052::
::m5053::
::m5054::
::m5055::
::m5056::
::m5057::
::m5058::
::m5059::
::m5060::
::m5061::
::m5062::
::m5063::
::m5064::
::m5065::
::m5066::
::m5067::
::m5068::
::m5069::
::m5070::
::m5071::
::m5072::
::m5073::
::m5074::
::m5075::
::m5076::
::m5077::
::m5078::
::m5079::
::m5080::
::m5081::
::m5082::
::m5083::
::m5084::
::m5085::
::m5086::
::m5087::
::m5088::
::m5089::
::m5090::
::m5091::
::m5092::
::m5093::
::m5094::
::m5095::
::m5096::
::m5097::
::m5098::
::m5099::
::m5100::
::m5101::
::m5102::
::m5103::
::m5104::
::m5105::
::m5106::
::m5107::
::m5108::
::m5109::
::m5110::
::m5111::
::m5112::
::m5113::
::m5114::
::m5115::
::m5116::
::m5117::
::m5118::
::m5119::
::m5120::
::m5121::
::m5122::
::m5123::
::m5124::
::m5125::
::m5126::
::m5127::
::m5128::
::m5129::
::m5130::
::m5131::
::m5132::
::m5133::
::m5134::
::m5135::
::m5136::
::m5137::
::m5138::
::m5139::
::m5140::
::m5141::
::m5142::
::m5143::
::m5144::
::m5145::
::m5146::
::m5147::
::m5148::
::m5149::
::m5150::
::m5151::
::m5152::
::m5153::
::m5154::
::m5155::
::m5156::
::m5157::
::m5158::
::m5159::
::m5160::
::m5161::
::m5162::
::m5163::
::m5164::
::m5165::
::m5166::
::m5167::
::m5168::
::m5169::
::m5170::
::m5171::
::m5172::
::m5173::
::m5174::
::m5175::
::m5176::
::m5177::
::m5178::
::m5179::
::m5180::
::m5181::
::m5182::
::m5183::
::m5184::
::m5185::
::m5186::
::m5187::
::m5188::
::m5189::
::m5190::
::m5191::
::m5192::
::m5193::
::m5194::
::m5195::
::m5196::
::m5197::
::m5198::
::m5199::
::m5200::
::m5201::
::m5202::
::m5203::
::m5204::
::m5205::
::m5206::
::m5207::
::m5208::
::m5209::
::m5210::
::m5211::
::m5212::
::m5213::
::m5214::
::m5215::
::m5216::
::m5217::
::m5218::
::m5219::
::m5220::
::m5221::
::m5222::
::m5223::
::m5224::
::m5225::
::m5226::
::m5227::
::m5228::
::m5229::
::m5230::
::m5231::
::m5232::
::m5233::
::m5234::
::m5235::
::m5236::
::m5237::
::m5238::
::m5239::
::m5240::
::m5241::
::m5242::
::m5243::
::m5244::
::m5245::
::m5246::
::m5247::
::m5248::
::m5249::
::m5250::
::m5251::
::m5252::
::m5253::
::m5254::
::m5255::
::m5256::
::m5257::
::m5258::
::m5259::
::m5260::
::m5261::
::m5262::
::m5263::
::m5264::
::m5265::
::m5266::
::m5267::
::m5268::
::m5269::
::m5270::
::m5271::
::m5272::
::m5273::
::m5274::
::m5275::
::m5276::
::m5277::
::m5278::
::m5279::
::m5280::
::m5281::
::m5282::
::m5283::
::m5284::
::m5285::
::m5286::
::m5287::
::m5288::
::m5289::
::m5290::
::m5291::
::m5292::
::m5293::
::m5294::
::m5295::
::m5296::
::m5297::
::m5298::
::m5299::
::m5300::
::m5301::
::m5302::
::m5303::
::m5304::
::m5305::
::m5306::
::m5307::
::m5308::
::m5309::
::m5310::
::m5311::
::m5312::
::m5313::
::m5314::
::m5315::
::m5316::
::m5317::
::m5318::
::m5319::
::m5320::
::m5321::
::m5322::
::m5323::
::m5324::
::m5325::
::m5326::
::m5327::
::m5328::
::m5329::
::m5330::
::m5331::
::m5332::
::m5333::
::m5334::
::m5335::
::m5336::
::m5337::
::m5338::
::m5339::
::m5340::
::m5341::
::m5342::
::m5343::
::m5344::
::m5345::
::m5346::
::m5347::
::m5348::
::m5349::
::m5350::
::m5351::
::m5352::
::m5353::
::m5354::
::m5355::
::m5356::
::m5357::
::m5358::
::m5359::
::m5360::
::m5361::
::m5362::
::m5363::
::m5364::
::m5365::
::m5366::
::m5367::
::m5368::
::m5369::
::m5370::
::m5371::
::m5372::
::m5373::
::m5374::
::m5375::
::m5376::
::m5377::
::m5378::
::m5379::
::m5380::
::m5381::
::m5382::
::m5383::
::m5384::
::m5385::
::m5386::
::m5387::
::m5388::
::m5389::
::m5390::
::m5391::
::m5392::
::m5393::
::m5394::
::m5395::
::m5396::
::m5397::
::m5398::
::m5399::
::m5400::
::m5401::
::m5402::
::m5403::
::m5404::
::m5405::
::m5406::
::m5407::
::m5408::
::m5409::
::m5410::
::m5411::
::m5412::
::m5413::
::m5414::
::m5415::
::m5416::
::m5417::
::m5418::
::m5419::
::m5420::
::m5421::
::m5422::
::m5423::
::m5424::
::m5425::
::m5426::
::m5427::
::m5428::
::m5429::
::m5430::
::m5431::
::m5432::
::m5433::
::m5434::
::m5435::
::m5436::
::m5437::
::m5438::
::m5439::
::m5440::
::m5441::
::m5442::
::m5443::
::m5444::
::m5445::
::m5446::
::m5447::
::m5448::
::m5449::
::m5450::
::m5451::
::m5452::
::m5453::
::m5454::
::m5455::
::m5456::
::m5457::
::m5458::
::m5459::
::m5460::
::m5461::
::m5462::
::m5463::
::m5464::
::m5465::
::m5466::
::m5467::
::m5468::
::m5469::
::m5470::
::m5471::
::m5472::
::m5473::
::m5474::
::m5475::
::m5476::
::m5477::
::m5478::
::m5479::
::m5480::
::m5481::
::m5482::
::m5483::
::m5484::
::m5485::
::m5486::
::m5487::
::m5488::
::m5489::
::m5490::
::m5491::
::m5492::
::m5493::
::m5494::
::m5495::
::m5496::
::m5497::
::m5498::
::m5499::
::m5500::
::m5501::
::m5502::
::m5503::
::m5504::
::m5505::
::m5506::
::m5507::
::m5508::
::m5509::
::m5510::
::m5511::
::m5512::
::m5513::
::m5514::
::m5515::
::m5516::
::m5517::
::m5518::
::m5519::
::m5520::
::m5521::
::m5522::
::m5523::
::m5524::
::m5525::
::m5526::
::m5527::
::m5528::
::m5529::
::m5530::
::m5531::
::m5532::
::m5533::
::m5534::
::m5535::
::m5536::
::m5537::
::m5538::
::m5539::
::m5540::
::m5541::
::m5542::
::m5543::
::m5544::
::m5545::
::m5546::
::m5547::
::m5548::
::m5549::
::m5550::
::m5551::
::m5552::
::m5553::
::m5554::
::m5555::
::m5556::
::m5557::
::m5558::
::m5559::
::m5560::
::m5561::
::m5562::
::m5563::
::m5564::
::m5565::
::m5566::
::m5567::
::m5568::
::m5569::
::m5570::
::m5571::
::m5572::
::m5573::
::m5574::
::m5575::
::m5576::
::m5577::
::m5578::
::m5579::
::m5580::
::m5581::
::m5582::
::m5583::
::m5584::
::m5585::
::m5586::
::m5587::
::m5588::
::m5589::
::m5590::
::m5591::
::m5592::
::m5593::
::m5594::
::m5595::
::m5596::
::m5597::
::m5598::
::m5599::
::m5600::
::m5601::
::m5602::
::m5603::
::m5604::
::m5605::
::m5606::
::m5607::
::m5608::
::m5609::
::m5610::
::m5611::
::m5612::
::m5613::
::m5614::
::m5615::
::m5616::
::m5617::
::m5618::
::m5619::
::m5620::
::m5621::
::m5622::
::m5623::
::m5624::
::m5625::
::m5626::
::m5627::
::m5628::
::m5629::
::m5630::
::m5631::
::m5632::
::m5633::
::m5634::
::m5635::
::m5636::
::m5637::
::m5638::
::m5639::
::m5640::
::m5641::
::m5642::
::m5643::
::m5644::
::m5645::
::m5646::
::m5647::
::m5648::
::m5649::
::m5650::
::m5651::
::m5652::
::m5653::
::m5654::
::m5655::
::m5656::
::m5657::
::m5658::
::m5659::
::m5660::
::m5661::
::m5662::
::m5663::
::m5664::
::m5665::
::m5666::
::m5667::
::m5668::
::m5669::
::m5670::
::m5671::
::m5672::
::m5673::
::m5674::
::m5675::
::m5676::
::m5677::
::m5678::
::m5679::
::m5680::
::m5681::
::m5682::
::m5683::
::m5684::
::m5685::
::m5686::
::m5687::
::m5688::
::m5689::
::m5690::
::m5691::
::m5692::
::m5693::
::m5694::
::m5695::
::m5696::
::m5697::
::m5698::
::m5699::
::m5700::
::m5701::
::m5702::
::m5703::
::m5704::
::m5705::
::m5706::
::m5707::
::m5708::
::m5709::
::m5710::
::m5711::
::m5712::
::m5713::
::m5714::
::m5715::
::m5716::
::m5717::
::m5718::
::m5719::
::m5720::
::m5721::
::m5722::
::m5723::
::m5724::
::m5725::
::m5726::
::m5727::
::m5728::
::m5729::
::m5730::
::m5731::
::m5732::
::m5733::
::m5734::
::m5735::
::m5736::
::m5737::
::m5738::
::m5739::
::m5740::
::m5741::
::m5742::
::m5743::
::m5744::
::m5745::
::m5746::
::m5747::
::m5748::
::m5749::
::m5750::
::m5751::
::m5752::
::m5753::
::m5754::
::m5755::
::m5756::
::m5757::
::m5758::
::m5759::
::m5760::
::m5761::
::m5762::
::m5763::
::m5764::
::m5765::
::m5766::
::m5767::
::m5768::
::m5769::
::m5770::
::m5771::
::m5772::
::m5773::
::m5774::
::m5775::
::m5776::
::m5777::
::m5778::
::m5779::
::m5780::
::m5781::
::m5782::
::m5783::
::m5784::
::m5785::
::m5786::
::m5787::
::m5788::
::m5789::
::m5790::
::m5791::
::m5792::
::m5793::
::m5794::
::m5795::
::m5796::
::m5797::
::m5798::
::m5799::
::m5800::
::m5801::
::m5802::
::m5803::
::m5804::
::m5805::
::m5806::
::m5807::
::m5808::
::m5809::
::m5810::
::m5811::
::m5812::
::m5813::
::m5814::
::m5815::
::m5816::
::m5817::
::m5818::
::m5819::
::m5820::
::m5821::
::m5822::
::m5823::
::m5824::
::m5825::
::m5826::
::m5827::
::m5828::
::m5829::
::m5830::
::m5831::
::m5832::
::m5833::
::m5834::
::m5835::
::m5836::
::m5837::
::m5838::
::m5839::
::m5840::
::m5841::
::m5842::
::m5843::
::m5844::
::m5845::
::m5846::
::m5847::
::m5848::
::m5849::
::m5850::
::m5851::
::m5852::
::m5853::
::m5854::
::m5855::
::m5856::
::m5857::
::m5858::
::m5859::
::m5860::
::m5861::
::m5862::
::m5863::
::m5864::
::m5865::
::m5866::
::m5867::
::m5868::
::m5869::
::m5870::
::m5871::
::m5872::
::m5873::
::m5874::
::m5875::
::m5876::
::m5877::
::m5878::
::m5879::
::m5880::
::m5881::
::m5882::
::m5883::
::m5884::
::m5885::
::m5886::
::m5887::
::m5888::
::m5889::
::m5890::
::m5891::
::m5892::
::m5893::
::m5894::
::m5895::
::m5896::
::m5897::
::m5898::
::m5899::
::m5900::
::m5901::
::m5902::
::m5903::
::m5904::
::m5905::
::m5906::
::m5907::
::m5908::
::m5909::
::m5910::
::m5911::
::m5912::
::m5913::
::m5914::
::m5915::
::m5916::
::m5917::
::m5918::
::m5919::
::m5920::
::m5921::
::m5922::
::m5923::
::m5924::
::m5925::
::m5926::
::m5927::
::m5928::
::m5929::
::m5930::
::m5931::
::m5932::
::m5933::
::m5934::
::m5935::
::m5936::
::m5937::
::m5938::
::m5939::
::m5940::
::m5941::
::m5942::
::m5943::
::m5944::
::m5945::
::m5946::
::m5947::
::m5948::
::m5949::
::m5950::
::m5951::
::m5952::
::m5953::
::m5954::
::m5955::
::m5956::
::m5957::
::m5958::
::m5959::
::m5960::
::m5961::
::m5962::
::m5963::
::m5964::
::m5965::
::m5966::
::m5967::
::m5968::
::m5969::
::m5970::
::m5971::
::m5972::
::m5973::
::m5974::
::m5975::
::m5976::
::m5977::
::m5978::
::m5979::
::m5980::
::m5981::
::m5982::
::m5983::
::m5984::
::m5985::
::m5986::
::m5987::
::m5988::
::m5989::
::m5990::
::m5991::
::m5992::
::m5993::
::m5994::
::m5995::
::m5996::
::m5997::
::m5998::
::m5999::
::m6000::
::m6001::
::m6002::
::m6003::
::m6004::
::m6005::
::m6006::
::m6007::
::m6008::
::m6009::
::m6010::
::m6011::
::m6012::
::m6013::
::m6014::
::m6015::
::m6016::
::m6017::
::m6018::
::m6019::
::m6020::
::m6021::
::m6022::
::m6023::
::m6024::
::m6025::
::m6026::
::m6027::
::m6028::
::m6029::
::m6030::
::m6031::
::m6032::
::m6033::
::m6034::
::m6035::
::m6036::
::m6037::
::m6038::
::m6039::
::m6040::
::m6041::
::m6042::
::m6043::
::m6044::
::m6045::
::m6046::
::m6047::
::m6048::
::m6049::
::m6050::
::m6051::
::m6052::
::m6053::
::m6054::
::m6055::
::m6056::
::m6057::
::m6058::
::m6059::
::m6060::
::m6061::
::m6062::
::m6063::
::m6064::
::m6065::
::m6066::
::m6067::
::m6068::
::m6069::
::m6070::
::m6071::
::m6072::
::m6073::
::m6074::
::m6075::
::m6076::
::m6077::
::m6078::
::m6079::
::m6080::
::m6081::
::m6082::
::m6083::
::m6084::
::m6085::
::m6086::
::m6087::
::m6088::
::m6089::
::m6090::
::m6091::
::m6092::
::m6093::
::m6094::
::m6095::
::m6096::
::m6097::
::m6098::
::m6099::
::m6100::
::m6101::
::m6102::
::m6103::
::m6104::
::m6105::
::m6106::
::m6107::
::m6108::
::m6109::
::m6110::
::m6111::
::m6112::
::m6113::
::m6114::
::m6115::
::m6116::
::m6117::
::m6118::
::m6119::
::m6120::
::m6121::
::m6122::
::m6123::
::m6124::
::m6125::
::m6126::
::m6127::
::m6128::
::m6129::
::m6130::
::m6131::
::m6132::
::m6133::
::m6134::
::m6135::
::m6136::
::m6137::
::m6138::
::m6139::
::m6140::
::m6141::
::m6142::
::m6143::
::m6144::
::m6145::
::m6146::
::m6147::
::m6148::
::m6149::
::m6150::
::m6151::
::m6152::
::m6153::
::m6154::
::m6155::
::m6156::
::m6157::
::m6158::
::m6159::
::m6160::
::m6161::
::m6162::
::m6163::
::m6164::
::m6165::
::m6166::
::m6167::
::m6168::
::m6169::
::m6170::
::m6171::
::m6172::
::m6173::
::m6174::
::m6175::
::m6176::
::m6177::
::m6178::
::m6179::
::m6180::
::m6181::
::m6182::
::m6183::
::m6184::
::m6185::
::m6186::
::m6187::
::m6188::
::m6189::
::m6190::
::m6191::
::m6192::
::m6193::
::m6194::
::m6195::
::m6196::
::m6197::
::m6198::
::m6199::
::m6200::
::m6201::
::m6202::
::m6203::
::m6204::
::m6205::
::m6206::
::m6207::
::m6208::
::m6209::
::m6210::
::m6211::
::m6212::
::m6213::
::m6214::
::m6215::
::m6216::
::m6217::
::m6218::
::m6219::
::m6220::
::m6221::
::m6222::
::m6223::
::m6224::
::m6225::
::m6226::
::m6227::
::m6228::
::m6229::
::m6230::
::m6231::
::m6232::
::m6233::
::m6234::
::m6235::
::m6236::
::m6237::
::m6238::
::m6239::
::m6240::
::m6241::
::m6242::
::m6243::
::m6244::
::m6245::
::m6246::
::m6247::
::m6248::
::m6249::
::m6250::
::m6251::
::m6252::
::m6253::
::m6254::
::m6255::
::m6256::
::m6257::
::m6258::
::m6259::
::m6260::
::m6261::
::m6262::
::m6263::
::m6264::
::m6265::
::m6266::
::m6267::
::m6268::
::m6269::
::m6270::
::m6271::
::m6272::
::m6273::
::m6274::
::m6275::
::m6276::
::m6277::
::m6278::
::m6279::
::m6280::
::m6281::
::m6282::
::m6283::
::m6284::
::m6285::
::m6286::
::m6287::
::m6288::
::m6289::
::m6290::
::m6291::
::m6292::
::m6293::
::m6294::
::m6295::
::m6296::
::m6297::
::m6298::
::m6299::
::m6300::
::m6301::
::m6302::
::m6303::
::m6304::
::m6305::
::m6306::
::m6307::
::m6308::
::m6309::
::m6310::
::m6311::
::m6312::
::m6313::
::m6314::
::m6315::
::m6316::
::m6317::
::m6318::
::m6319::
::m6320::
::m6321::
::m6322::
::m6323::
::m6324::
::m6325::
::m6326::
::m6327::
::m6328::
::m6329::
::m6330::
::m6331::
::m6332::
::m6333::
::m6334::
::m6335::
::m6336::
::m6337::
::m6338::
::m6339::
::m6340::
::m6341::
::m6342::
::m6343::
::m6344::
::m6345::
::m6346::
::m6347::
::m6348::
::m6349::
::m6350::
::m6351::
::m6352::
::m6353::
::m6354::
::m6355::
::m6356::
::m6357::
::m6358::
::m6359::
::m6360::
::m6361::
::m6362::
::m6363::
::m6364::
::m6365::
::m6366::
::m6367::
::m6368::
::m6369::
::m6370::
::m6371::
::m6372::
::m6373::
::m6374::
::m6375::
::m6376::
::m6377::
::m6378::
::m6379::
::m6380::
::m6381::
::m6382::
::m6383::
::m6384::
::m6385::
::m6386::
::m6387::
::m6388::
::m6389::
::m6390::
::m6391::
::m6392::
::m6393::
::m6394::
::m6395::
::m6396::
::m6397::
::m6398::
::m6399::
::m6400::
::m6401::
::m6402::
::m6403::
::m6404::
::m6405::
::m6406::
::m6407::
::m6408::
::m6409::
::m6410::
::m6411::
::m6412::
::m6413::
::m6414::
::m6415::
::m6416::
::m6417::
::m6418::
::m6419::
::m6420::
::m6421::
::m6422::
::m6423::
::m6424::
::m6425::
::m6426::
::m6427::
::m6428::
::m6429::
::m6430::
::m6431::
::m6432::
::m6433::
::m6434::
::m6435::
::m6436::
::m6437::
::m6438::
::m6439::
::m6440::
::m6441::
::m6442::
::m6443::
::m6444::
::m6445::
::m6446::
::m6447::
::m6448::
::m6449::
::m6450::
::m6451::
::m6452::
::m6453::
::m6454::
::m6455::
::m6456::
::m6457::
::m6458::
::m6459::
::m6460::
::m6461::
::m6462::
::m6463::
::m6464::
::m6465::
::m6466::
::m6467::
::m6468::
::m6469::
::m6470::
::m6471::
::m6472::
::m6473::
::m6474::
::m6475::
::m6476::
::m6477::
::m6478::
::m6479::
::m6480::
::m6481::
::m6482::
::m6483::
::m6484::
::m6485::
::m6486::
::m6487::
::m6488::
::m6489::
::m6490::
::m6491::
::m6492::
::m6493::
::m6494::
::m6495::
::m6496::
::m6497::
::m6498::
::m6499::
::m6500::
::m6501::
::m6502::
::m6503::
::m6504::
::m6505::
::m6506::
::m6507::
::m6508::
::m6509::
::m6510::
::m6511::
::m6512::
::m6513::
::m6514::
::m6515::
::m6516::
::m6517::
::m6518::
::m6519::
::m6520::
::m6521::
::m6522::
::m6523::
::m6524::
::m6525::
::m6526::
::m6527::
::m6528::
::m6529::
::m6530::
::m6531::
::m6532::
::m6533::
::m6534::
::m6535::
::m6536::
::m6537::
::m6538::
::m6539::
::m6540::
::m6541::
::m6542::
::m6543::
::m6544::
::m6545::
::m6546::
::m6547::
::m6548::
::m6549::
::m6550::
::m6551::
::m6552::
::m6553::
::m6554::
::m6555::
::m6556::
::m6557::
::m6558::
::m6559::
::m6560::
::m6561::
::m6562::
::m6563::
::m6564::
::m6565::
::m6566::
::m6567::
::m6568::
::m6569::
::m6570::
::m6571::
::m6572::
::m6573::
::m6574::
::m6575::
::m6576::
::m6577::
::m6578::
::m6579::
::m6580::
::m6581::
::m6582::
::m6583::
::m6584::
::m6585::
::m6586::
::m6587::
::m6588::
::m6589::
::m6590::
::m6591::
::m6592::
::m6593::
::m6594::
::m6595::
::m6596::
::m6597::
::m6598::
::m6599::
::m6600::
::m6601::
::m6602::
::m6603::
::m6604::
::m6605::
::m6606::
::m6607::
::m6608::
::m6609::
::m6610::
::m6611::
::m6612::
::m6613::
::m6614::
::m6615::
::m6616::
::m6617::
::m6618::
::m6619::
::m6620::
::m6621::
::m6622::
::m6623::
::m6624::
::m6625::
::m6626::
::m6627::
::m6628::
::m6629::
::m6630::
::m6631::
::m6632::
::m6633::
::m6634::
::m6635::
::m6636::
::m6637::
::m6638::
::m6639::
::m6640::
::m6641::
::m6642::
::m6643::
::m6644::
::m6645::
::m6646::
::m6647::
::m6648::
::m6649::
::m6650::
::m6651::
::m6652::
::m6653::
::m6654::
::m6655::
::m6656::
::m6657::
::m6658::
::m6659::
::m6660::
::m6661::
::m6662::
::m6663::
::m6664::
::m6665::
::m6666::
::m6667::
::m6668::
::m6669::
::m6670::
::m6671::
::m6672::
::m6673::
::m6674::
::m6675::
::m6676::
::m6677::
::m6678::
::m6679::
::m6680::
::m6681::
::m6682::
::m6683::
::m6684::
::m6685::
::m6686::
::m6687::
::m6688::
::m6689::
::m6690::
::m6691::
::m6692::
::m6693::
::m6694::
::m6695::
::m6696::
::m6697::
::m6698::
::m6699::
::m6700::
::m6701::
::m6702::
::m6703::
::m6704::
::m6705::
::m6706::
::m6707::
::m6708::
::m6709::
::m6710::
::m6711::
::m6712::
::m6713::
::m6714::
::m6715::
::m6716::
::m6717::
::m6718::
::m6719::
::m6720::
::m6721::
::m6722::
::m6723::
::m6724::
::m6725::
::m6726::
::m6727::
::m6728::
::m6729::
::m6730::
::m6731::
::m6732::
::m6733::
::m6734::
::m6735::
::m6736::
::m6737::
::m6738::
::m6739::
::m6740::
::m6741::
::m6742::
::m6743::
::m6744::
::m6745::
::m6746::
::m6747::
::m6748::
::m6749::
::m6750::
::m6751::
::m6752::
::m6753::
::m6754::
::m6755::
::m6756::
::m6757::
::m6758::
::m6759::
::m6760::
::m6761::
::m6762::
::m6763::
::m6764::
::m6765::
::m6766::
::m6767::
::m6768::
::m6769::
::m6770::
::m6771::
::m6772::
::m6773::
::m6774::
::m6775::
::m6776::
::m6777::
::m6778::
::m6779::
::m6780::
::m6781::
::m6782::
::m6783::
::m6784::
::m6785::
::m6786::
::m6787::
::m6788::
::m6789::
::m6790::
::m6791::
::m6792::
::m6793::
::m6794::
::m6795::
::m6796::
::m6797::
::m6798::
::m6799::
::m6800::
::m6801::
::m6802::
::m6803::
::m6804::
::m6805::
::m6806::
::m6807::
::m6808::
::m6809::
::m6810::
::m6811::
::m6812::
::m6813::
::m6814::
::m6815::
::m6816::
::m6817::
::m6818::
::m6819::
::m6820::
::m6821::
::m6822::
::m6823::
::m6824::
::m6825::
::m6826::
::m6827::
::m6828::
::m6829::
::m6830::
::m6831::
::m6832::
::m6833::
::m6834::
::m6835::
::m6836::
::m6837::
::m6838::
::m6839::
::m6840::
::m6841::
::m6842::
::m6843::
::m6844::
::m6845::
::m6846::
::m6847::
::m6848::
::m6849::
::m6850::
::m6851::
::m6852::
::m6853::
::m6854::
::m6855::
::m6856::
::m6857::
::m6858::
::m6859::
::m6860::
::m6861::
::m6862::
::m6863::
::m6864::
::m6865::
::m6866::
::m6867::
::m6868::
::m6869::
::m6870::
::m6871::
::m6872::
::m6873::
::m6874::
::m6875::
::m6876::
::m6877::
::m6878::
::m6879::
::m6880::
::m6881::
::m6882::
::m6883::
::m6884::
::m6885::
::m6886::
::m6887::
::m6888::
::m6889::
::m6890::
::m6891::
::m6892::
::m6893::
::m6894::
::m6895::
::m6896::
::m6897::
::m6898::
::m6899::
::m6900::
::m6901::
::m6902::
::m6903::
::m6904::
::m6905::
::m6906::
::m6907::
::m6908::
::m6909::
::m6910::
::m6911::
::m6912::
::m6913::
::m6914::
::m6915::
::m6916::
::m6917::
::m6918::
::m6919::
::m6920::
::m6921::
::m6922::
::m6923::
::m6924::
::m6925::
::m6926::
::m6927::
::m6928::
::m6929::
::m6930::
::m6931::
::m6932::
::m6933::
::m6934::
::m6935::
::m6936::
::m6937::
::m6938::
::m6939::
::m6940::
::m6941::
::m6942::
::m6943::
::m6944::
::m6945::
::m6946::
::m6947::
::m6948::
::m6949::
::m6950::
::m6951::
::m6952::
::m6953::
::m6954::
::m6955::
::m6956::
::m6957::
::m6958::
::m6959::
::m6960::
::m6961::
::m6962::
::m6963::
::m6964::
::m6965::
::m6966::
::m6967::
::m6968::
::m6969::
::m6970::
::m6971::
::m6972::
::m6973::
::m6974::
::m6975::
::m6976::
::m6977::
::m6978::
::m6979::
::m6980::
::m6981::
::m6982::
::m6983::
::m6984::
::m6985::
::m6986::
::m6987::
::m6988::
::m6989::
::m6990::
::m6991::
::m6992::
::m6993::
::m6994::
::m6995::
::m6996::
::m6997::
::m6998::
::m6999::
::m7000::
::m7001::
::m7002::
::m7003::
::m7004::
::m7005::
::m7006::
::m7007::
::m7008::
::m7009::
::m7010::
::m7011::
::m7012::
::m7013::
::m7014::
::m7015::
::m7016::
::m7017::
::m7018::
::m7019::
::m7020::
::m7021::
::m7022::
::m7023::
::m7024::
::m7025::
::m7026::
::m7027::
::m7028::
::m7029::
::m7030::
::m7031::
::m7032::
::m7033::
::m7034::
::m7035::
::m7036::
::m7037::
::m7038::
::m7039::
::m7040::
::m7041::
::m7042::
::m7043::
::m7044::
::m7045::
::m7046::
::m7047::
::m7048::
::m7049::
::m7050::
::m7051::
::m7052::
::m7053::
::m7054::
::m7055::
::m7056::
::m7057::
::m7058::
::m7059::
::m7060::
::m7061::
::m7062::
::m7063::
::m7064::
::m7065::
::m7066::
::m7067::
::m7068::
::m7069::
::m7070::
::m7071::
::m7072::
::m7073::
::m7074::
::m7075::
::m7076::
::m7077::
::m7078::
::m7079::
::m7080::
::m7081::
::m7082::
::m7083::
::m7084::
::m7085::
::m7086::
::m7087::
::m7088::
::m7089::
::m7090::
::m7091::
::m7092::
::m7093::
::m7094::
::m7095::
::m7096::
::m7097::
::m7098::
::m7099::
::m7100::
::m7101::
::m7102::
::m7103::
::m7104::
::m7105::
::m7106::
::m7107::
::m7108::
::m7109::
::m7110::
::m7111::
::m7112::
::m7113::
::m7114::
::m7115::
::m7116::
::m7117::
::m7118::
::m7119::
::m7120::
::m7121::
::m7122::
::m7123::
::m7124::
::m7125::
::m7126::
::m7127::
::m7128::
::m7129::
::m7130::
::m7131::
::m7132::
::m7133::
::m7134::
::m7135::
::m7136::
::m7137::
::m7138::
::m7139::
::m7140::
::m7141::
::m7142::
::m7143::
::m7144::
::m7145::
::m7146::
::m7147::
::m7148::
::m7149::
::m7150::
::m7151::
::m7152::
::m7153::
::m7154::
::m7155::
::m7156::
::m7157::
::m7158::
::m7159::
::m7160::
::m7161::
::m7162::
::m7163::
::m7164::
::m7165::
::m7166::
::m7167::
::m7168::
::m7169::
::m7170::
::m7171::
::m7172::
::m7173::
::m7174::
::m7175::
::m7176::
::m7177::
::m7178::
::m7179::
::m7180::
::m7181::
::m7182::
::m7183::
::m7184::
::m7185::
::m7186::
::m7187::
::m7188::
::m7189::
::m7190::
::m7191::
::m7192::
::m7193::
::m7194::
::m7195::
::m7196::
::m7197::
::m7198::
::m7199::
::m7200::
::m7201::
::m7202::
::m7203::
::m7204::
::m7205::
::m7206::
::m7207::
::m7208::
::m7209::
::m7210::
::m7211::
::m7212::
::m7213::
::m7214::
::m7215::
::m7216::
::m7217::
::m7218::
::m7219::
::m7220::
::m7221::
::m7222::
::m7223::
::m7224::
::m7225::
::m7226::
::m7227::
::m7228::
::m7229::
::m7230::
::m7231::
::m7232::
::m7233::
::m7234::
::m7235::
::m7236::
::m7237::
::m7238::
::m7239::
::m7240::
::m7241::
::m7242::
::m7243::
::m7244::
::m7245::
::m7246::
::m7247::
::m7248::
::m7249::
::m7250::
::m7251::
::m7252::
::m7253::
::m7254::
::m7255::
::m7256::
::m7257::
::m7258::
::m7259::
::m7260::
::m7261::
::m7262::
::m7263::
::m7264::
::m7265::
::m7266::
::m7267::
::m7268::
::m7269::
::m7270::
::m7271::
::m7272::
::m7273::
::m7274::
::m7275::
::m7276::
::m7277::
::m7278::
::m7279::
::m7280::
::m7281::
::m7282::
::m7283::
::m7284::
::m7285::
::m7286::
::m7287::
::m7288::
::m7289::
::m7290::
::m7291::
::m7292::
::m7293::
::m7294::
::m7295::
::m7296::
::m7297::
::m7298::
::m7299::
::m7300::
::m7301::
::m7302::
::m7303::
::m7304::
::m7305::
::m7306::
::m7307::
::m7308::
::m7309::
::m7310::
::m7311::
::m7312::
::m7313::
::m7314::
::m7315::
::m7316::
::m7317::
::m7318::
::m7319::
::m7320::
::m7321::
::m7322::
::m7323::
::m7324::
::m7325::
::m7326::
::m7327::
::m7328::
::m7329::
::m7330::
::m7331::
::m7332::
::m7333::
::m7334::
::m7335::
::m7336::
::m7337::
::m7338::
::m7339::
::m7340::
::m7341::
::m7342::
::m7343::
::m7344::
::m7345::
::m7346::
::m7347::
::m7348::
::m7349::
::m7350::
::m7351::
::m7352::
::m7353::
::m7354::
::m7355::
::m7356::
::m7357::
::m7358::
::m7359::
::m7360::
::m7361::
::m7362::
::m7363::
::m7364::
::m7365::
::m7366::
::m7367::
::m7368::
::m7369::
::m7370::
::m7371::
::m7372::
::m7373::
::m7374::
::m7375::
::m7376::
::m7377::
::m7378::
::m7379::
::m7380::
::m7381::
::m7382::
::m7383::
::m7384::
::m7385::
::m7386::
::m7387::
::m7388::
::m7389::
::m7390::
::m7391::
::m7392::
::m7393::
::m7394::
::m7395::
::m7396::
::m7397::
::m7398::
::m7399::
::m7400::
::m7401::
::m7402::
::m7403::
::m7404::
::m7405::
::m7406::
::m7407::
::m7408::
::m7409::
::m7410::
::m7411::
::m7412::
::m7413::
::m7414::
::m7415::
::m7416::
::m7417::
::m7418::
::m7419::
::m7420::
::m7421::
::m7422::
::m7423::
::m7424::
::m7425::
::m7426::
::m7427::
::m7428::
::m7429::
::m7430::
::m7431::
::m7432::
::m7433::
::m7434::
::m7435::
::m7436::
::m7437::
::m7438::
::m7439::
::m7440::
::m7441::
::m7442::
::m7443::
::m7444::
::m7445::
::m7446::
::m7447::
::m7448::
::m7449::
::m7450::
::m7451::
::m7452::
::m7453::
::m7454::
::m7455::
::m7456::
::m7457::
::m7458::
::m7459::
::m7460::
::m7461::
::m7462::
::m7463::
::m7464::
::m7465::
::m7466::
::m7467::
::m7468::
::m7469::
::m7470::
::m7471::
::m7472::
::m7473::
::m7474::
::m7475::
::m7476::
::m7477::
::m7478::
::m7479::
::m7480::
::m7481::
::m7482::
::m7483::
::m7484::
::m7485::
::m7486::
::m7487::
::m7488::
::m7489::
::m7490::
::m7491::
::m7492::
::m7493::
::m7494::
::m7495::
::m7496::
::m7497::
::m7498::
::m7499::
::m7500::
::m7501::
::m7502::
::m7503::
::m7504::
::m7505::
::m7506::
::m7507::
::m7508::
::m7509::
::m7510::
::m7511::
::m7512::
::m7513::
::m7514::
::m7515::
::m7516::
::m7517::
::m7518::
::m7519::
::m7520::
::m7521::
::m7522::
::m7523::
::m7524::
::m7525::
::m7526::
::m7527::
::m7528::
::m7529::
::m7530::
::m7531::
::m7532::
::m7533::
::m7534::
::m7535::
::m7536::
::m7537::
::m7538::
::m7539::
::m7540::
::m7541::
::m7542::
::m7543::
::m7544::
::m7545::
::m7546::
::m7547::
::m7548::
::m7549::
::m7550::
::m7551::
::m7552::
::m7553::
::m7554::
::m7555::
::m7556::
::m7557::
::m7558::
::m7559::
::m7560::
::m7561::
::m7562::
::m7563::
::m7564::
::m7565::
::m7566::
::m7567::
::m7568::
::m7569::
::m7570::
::m7571::
::m7572::
::m7573::
::m7574::
::m7575::
::m7576::
::m7577::
::m7578::
::m7579::
::m7580::
::m7581::
::m7582::
::m7583::
::m7584::
::m7585::
::m7586::
::m7587::
::m7588::
::m7589::
::m7590::
::m7591::
::m7592::
::m7593::
::m7594::
::m7595::
::m7596::
::m7597::
::m7598::
::m7599::
::m7600::
::m7601::
::m7602::
::m7603::
::m7604::
::m7605::
::m7606::
::m7607::
::m7608::
::m7609::
::m7610::
::m7611::
::m7612::
::m7613::
::m7614::
::m7615::
::m7616::
::m7617::
::m7618::
::m7619::
::m7620::
::m7621::
::m7622::
::m7623::
::m7624::
::m7625::
::m7626::
::m7627::
::m7628::
::m7629::
::m7630::
::m7631::
::m7632::
::m7633::
::m7634::
::m7635::
::m7636::
::m7637::
::m7638::
::m7639::
::m7640::
::m7641::
::m7642::
::m7643::
::m7644::
::m7645::
::m7646::
::m7647::
::m7648::
::m7649::
::m7650::
::m7651::
::m7652::
::m7653::
::m7654::
::m7655::
::m7656::
::m7657::
::m7658::
::m7659::
::m7660::
::m7661::
::m7662::
::m7663::
::m7664::
::m7665::
::m7666::
::m7667::
::m7668::
::m7669::
::m7670::
::m7671::
::m7672::
::m7673::
::m7674::
::m7675::
::m7676::
::m7677::
::m7678::
::m7679::
::m7680::
::m7681::
::m7682::
::m7683::
::m7684::
::m7685::
::m7686::
::m7687::
::m7688::
::m7689::
::m7690::
::m7691::
::m7692::
::m7693::
::m7694::
::m7695::
::m7696::
::m7697::
::m7698::
::m7699::
::m7700::
::m7701::
::m7702::
::m7703::
::m7704::
::m7705::
::m7706::
::m7707::
::m7708::
::m7709::
::m7710::
::m7711::
::m7712::
::m7713::
::m7714::
::m7715::
::m7716::
::m7717::
::m7718::
::m7719::
::m7720::
::m7721::
::m7722::
::m7723::
::m7724::
::m7725::
::m7726::
::m7727::
::m7728::
::m7729::
::m7730::
::m7731::
::m7732::
::m7733::
::m7734::
::m7735::
::m7736::
::m7737::
::m7738::
::m7739::
::m7740::
::m7741::
::m7742::
::m7743::
::m7744::
::m7745::
::m7746::
::m7747::
::m7748::
::m7749::
::m7750::
::m7751::
::m7752::
::m7753::
::m7754::
::m7755::
::m7756::
::m7757::
::m7758::
::m7759::
::m7760::
::m7761::
::m7762::
::m7763::
::m7764::
::m7765::
::m7766::
::m7767::
::m7768::
::m7769::
::m7770::
::m7771::
::m7772::
::m7773::
::m7774::
::m7775::
::m7776::
::m7777::
::m7778::
::m7779::
::m7780::
::m7781::
::m7782::
::m7783::
::m7784::
::m7785::
::m7786::
::m7787::
::m7788::
::m7789::
::m7790::
::m7791::
::m7792::
::m7793::
::m7794::
::m7795::
::m7796::
::m7797::
::m7798::
::m7799::
::m7800::
::m7801::
::m7802::
::m7803::
::m7804::
::m7805::
::m7806::
::m7807::
::m7808::
::m7809::
::m7810::
::m7811::
::m7812::
::m7813::
::m7814::
::m7815::
::m7816::
::m7817::
::m7818::
::m7819::
::m7820::
::m7821::
::m7822::
::m7823::
::m7824::
::m7825::
::m7826::
::m7827::
::m7828::
::m7829::
::m7830::
::m7831::
::m7832::
::m7833::
::m7834::
::m7835::
::m7836::
::m7837::
::m7838::
::m7839::
::m7840::
::m7841::
::m7842::
::m7843::
::m7844::
::m7845::
::m7846::
::m7847::
::m7848::
::m7849::
::m7850::
::m7851::
::m7852::
::m7853::
::m7854::
::m7855::
::m7856::
::m7857::
::m7858::
::m7859::
::m7860::
::m7861::
::m7862::
::m7863::
::m7864::
::m7865::
::m7866::
::m7867::
::m7868::
::m7869::
::m7870::
::m7871::
::m7872::
::m7873::
::m7874::
::m7875::
::m7876::
::m7877::
::m7878::
::m7879::
::m7880::
::m7881::
::m7882::
::m7883::
::m7884::
::m7885::
::m7886::
::m7887::
::m7888::
::m7889::
::m7890::
::m7891::
::m7892::
::m7893::
::m7894::
::m7895::
::m7896::
::m7897::
::m7898::
::m7899::
::m7900::
::m7901::
::m7902::
::m7903::
::m7904::
::m7905::
::m7906::
::m7907::
::m7908::
::m7909::
::m7910::
::m7911::
::m7912::
::m7913::
::m7914::
::m7915::
::m7916::
::m7917::
::m7918::
::m7919::
::m7920::
::m7921::
::m7922::
::m7923::
::m7924::
::m7925::
::m7926::
::m7927::
::m7928::
::m7929::
::m7930::
::m7931::
::m7932::
::m7933::
::m7934::
::m7935::
::m7936::
::m7937::
::m7938::
::m7939::
::m7940::
::m7941::
::m7942::
::m7943::
::m7944::
::m7945::
::m7946::
::m7947::
::m7948::
::m7949::
::m7950::
::m7951::
::m7952::
::m7953::
::m7954::
::m7955::
::m7956::
::m7957::
::m7958::
::m7959::
::m7960::
::m7961::
::m7962::
::m7963::
::m7964::
::m7965::
::m7966::
::m7967::
::m7968::
::m7969::
::m7970::
::m7971::
::m7972::
::m7973::
::m7974::
::m7975::
::m7976::
::m7977::
::m7978::
::m7979::
::m7980::
::m7981::
::m7982::
::m7983::
::m7984::
::m7985::
::m7986::
::m7987::
::m7988::
::m7989::
::m7990::
::m7991::
::m7992::
::m7993::
::m7994::
::m7995::
::m7996::
::m7997::
::m7998::
::m7999::
::m8000::
::m8001::
::m8002::
::m8003::
::m8004::
::m8005::
::m8006::
::m8007::
::m8008::
::m8009::
::m8010::
::m8011::
::m8012::
::m8013::
::m8014::
::m8015::
::m8016::
::m8017::
::m8018::
::m8019::
::m8020::
::m8021::
::m8022::
::m8023::
::m8024::
::m8025::
::m8026::
::m8027::
::m8028::
::m8029::
::m8030::
::m8031::
::m8032::
::m8033::
::m8034::
::m8035::
::m8036::
::m8037::
::m8038::
::m8039::
::m8040::
::m8041::
::m8042::
::m8043::
::m8044::
::m8045::
::m8046::
::m8047::
::m8048::
::m8049::
::m8050::
::m8051::
::m8052::
::m8053::
::m8054::
::m8055::
::m8056::
::m8057::
::m8058::
::m8059::
::m8060::
::m8061::
::m8062::
::m8063::
::m8064::
::m8065::
::m8066::
::m8067::
::m8068::
::m8069::
::m8070::
::m8071::
::m8072::
::m8073::
::m8074::
::m8075::
::m8076::
::m8077::
::m8078::
::m8079::
::m8080::
::m8081::
::m8082::
::m8083::
::m8084::
::m8085::
::m8086::
::m8087::
::m8088::
::m8089::
::m8090::
::m8091::
::m8092::
::m8093::
::m8094::
::m8095::
::m8096::
::m8097::
::m8098::
::m8099::
::m8100::
::m8101::
::m8102::
::m8103::
::m8104::
::m8105::
::m8106::
::m8107::
::m8108::
::m8109::
::m8110::
::m8111::
::m8112::
::m8113::
::m8114::
::m8115::
::m8116::
::m8117::
::m8118::
::m8119::
::m8120::
::m8121::
::m8122::
::m8123::
::m8124::
::m8125::
::m8126::
::m8127::
::m8128::
::m8129::
::m8130::
::m8131::
::m8132::
::m8133::
::m8134::
::m8135::
::m8136::
::m8137::
::m8138::
::m8139::
::m8140::
::m8141::
::m8142::
::m8143::
::m8144::
::m8145::
::m8146::
::m8147::
::m8148::
::m8149::
::m8150::
::m8151::
::m8152::
::m8153::
::m8154::
::m8155::
::m8156::
::m8157::
::m8158::
::m8159::
::m8160::
::m8161::
::m8162::
::m8163::
::m8164::
::m8165::
::m8166::
::m8167::
::m8168::
::m8169::
::m8170::
::m8171::
::m8172::
::m8173::
::m8174::
::m8175::
::m8176::
::m8177::
::m8178::
::m8179::
::m8180::
::m8181::
::m8182::
::m8183::
::m8184::
::m8185::
::m8186::
::m8187::
::m8188::
::m8189::
::m8190::
::m8191::
::m8192::
::m8193::
::m8194::
::m8195::
::m8196::
::m8197::
::m8198::
::m8199::
::m8200::
::m8201::
::m8202::
::m8203::
::m8204::
::m8205::
::m8206::
::m8207::
::m8208::
::m8209::
::m8210::
::m8211::
::m8212::
::m8213::
::m8214::
::m8215::
::m8216::
::m8217::
::m8218::
::m8219::
::m8220::
::m8221::
::m8222::
::m8223::
::m8224::
::m8225::
::m8226::
::m8227::
::m8228::
::m8229::
::m8230::
::m8231::
::m8232::
::m8233::
::m8234::
::m8235::
::m8236::
::m8237::
::m8238::
::m8239::
::m8240::
::m8241::
::m8242::
::m8243::
::m8244::
::m8245::
::m8246::
::m8247::
::m8248::
::m8249::
::m8250::
::m8251::
::m8252::
::m8253::
::m8254::
::m8255::
::m8256::
::m8257::
::m8258::
::m8259::
::m8260::
::m8261::
::m8262::
::m8263::
::m8264::
::m8265::
::m8266::
::m8267::
::m8268::
::m8269::
::m8270::
::m8271::
::m8272::
::m8273::
::m8274::
::m8275::
::m8276::
::m8277::
::m8278::
::m8279::
::m8280::
::m8281::
::m8282::
::m8283::
::m8284::
::m8285::
::m8286::
::m8287::
::m8288::
::m8289::
::m8290::
::m8291::
::m8292::
::m8293::
::m8294::
::m8295::
::m8296::
::m8297::
::m8298::
::m8299::
::m8300::
::m8301::
::m8302::
::m8303::
::m8304::
::m8305::
::m8306::
::m8307::
::m8308::
::m8309::
::m8310::
::m8311::
::m8312::
::m8313::
::m8314::
::m8315::
::m8316::
::m8317::
::m8318::
::m8319::
::m8320::
::m8321::
::m8322::
::m8323::
::m8324::
::m8325::
::m8326::
::m8327::
::m8328::
::m8329::
::m8330::
::m8331::
::m8332::
::m8333::
::m8334::
::m8335::
::m8336::
::m8337::
::m8338::
::m8339::
::m8340::
::m8341::
::m8342::
::m8343::
::m8344::
::m8345::
::m8346::
::m8347::
::m8348::
::m8349::
::m8350::
::m8351::
::m8352::
::m8353::
::m8354::
::m8355::
::m8356::
::m8357::
::m8358::
::m8359::
::m8360::
::m8361::
::m8362::
::m8363::
::m8364::
::m8365::
::m8366::
::m8367::
::m8368::
::m8369::
::m8370::
::m8371::
::m8372::
::m8373::
::m8374::
::m8375::
::m8376::
::m8377::
::m8378::
::m8379::
::m8380::
::m8381::
::m8382::
::m8383::
::m8384::
::m8385::
::m8386::
::m8387::
::m8388::
::m8389::
::m8390::
::m8391::
::m8392::
::m8393::
::m8394::
::m8395::
::m8396::
::m8397::
::m8398::
::m8399::
::m8400::
::m8401::
::m8402::
::m8403::
::m8404::
::m8405::
::m8406::
::m8407::
::m8408::
::m8409::
::m8410::
::m8411::
::m8412::
::m8413::
::m8414::
::m8415::
::m8416::
::m8417::
::m8418::
::m8419::
::m8420::
::m8421::
::m8422::
::m8423::
::m8424::
::m8425::
::m8426::
::m8427::
::m8428::
::m8429::
::m8430::
::m8431::
::m8432::
::m8433::
::m8434::
::m8435::
::m8436::
::m8437::
::m8438::
::m8439::
::m8440::
::m8441::
::m8442::
::m8443::
::m8444::
::m8445::
::m8446::
::m8447::
::m8448::
::m8449::
::m8450::
::m8451::
::m8452::
::m8453::
::m8454::
::m8455::
::m8456::
::m8457::
::m8458::
::m8459::
::m8460::
::m8461::
::m8462::
::m8463::
::m8464::
::m8465::
::m8466::
::m8467::
::m8468::
::m8469::
::m8470::
::m8471::
::m8472::
::m8473::
::m8474::
::m8475::
::m8476::
::m8477::
::m8478::
::m8479::
::m8480::
::m8481::
::m8482::
::m8483::
::m8484::
::m8485::
::m8486::
::m8487::
::m8488::
::m8489::
::m8490::
::m8491::
::m8492::
::m8493::
::m8494::
::m8495::
::m8496::
::m8497::
::m8498::
::m8499::
::m8500::
::m8501::
::m8502::
::m8503::
::m8504::
::m8505::
::m8506::
::m8507::
::m8508::
::m8509::
::m8510::
::m8511::
::m8512::
::m8513::
::m8514::
::m8515::
::m8516::
::m8517::
::m8518::
::m8519::
::m8520::
::m8521::
::m8522::
::m8523::
::m8524::
::m8525::
::m8526::
::m8527::
::m8528::
::m8529::
::m8530::
::m8531::
::m8532::
::m8533::
::m8534::
::m8535::
::m8536::
::m8537::
::m8538::
::m8539::
::m8540::
::m8541::
::m8542::
::m8543::
::m8544::
::m8545::
::m8546::
::m8547::
::m8548::
::m8549::
::m8550::
::m8551::
::m8552::
::m8553::
::m8554::
::m8555::
::m8556::
::m8557::
::m8558::
::m8559::
::m8560::
::m8561::
::m8562::
::m8563::
::m8564::
::m8565::
::m8566::
::m8567::
::m8568::
::m8569::
::m8570::
::m8571::
::m8572::
::m8573::
::m8574::
::m8575::
::m8576::
::m8577::
::m8578::
::m8579::
::m8580::
::m8581::
::m8582::
::m8583::
::m8584::
::m8585::
::m8586::
::m8587::
::m8588::
::m8589::
::m8590::
::m8591::
::m8592::
::m8593::
::m8594::
::m8595::
::m8596::
::m8597::
::m8598::
::m8599::
::m8600::
::m8601::
::m8602::
::m8603::
::m8604::
::m8605::
::m8606::
::m8607::
::m8608::
::m8609::
::m8610::
::m8611::
::m8612::
::m8613::
::m8614::
::m8615::
::m8616::
::m8617::
::m8618::
::m8619::
::m8620::
::m8621::
::m8622::
::m8623::
::m8624::
::m8625::
::m8626::
::m8627::
::m8628::
::m8629::
::m8630::
::m8631::
::m8632::
::m8633::
::m8634::
::m8635::
::m8636::
::m8637::
::m8638::
::m8639::
::m8640::
::m8641::
::m8642::
::m8643::
::m8644::
::m8645::
::m8646::
::m8647::
::m8648::
::m8649::
::m8650::
::m8651::
::m8652::
::m8653::
::m8654::
::m8655::
::m8656::
::m8657::
::m8658::
::m8659::
::m8660::
::m8661::
::m8662::
::m8663::
::m8664::
::m8665::
::m8666::
::m8667::
::m8668::
::m8669::
::m8670::
::m8671::
::m8672::
::m8673::
::m8674::
::m8675::
::m8676::
::m8677::
::m8678::
::m8679::
::m8680::
::m8681::
::m8682::
::m8683::
::m8684::
::m8685::
::m8686::
::m8687::
::m8688::
::m8689::
::m8690::
::m8691::
::m8692::
::m8693::
::m8694::
::m8695::
::m8696::
::m8697::
::m8698::
::m8699::
::m8700::
::m8701::
::m8702::
::m8703::
::m8704::
::m8705::
::m8706::
::m8707::
::m8708::
::m8709::
::m8710::
::m8711::
::m8712::
::m8713::
::m8714::
::m8715::
::m8716::
::m8717::
::m8718::
::m8719::
::m8720::
::m8721::
::m8722::
::m8723::
::m8724::
::m8725::
::m8726::
::m8727::
::m8728::
::m8729::
::m8730::
::m8731::
::m8732::
::m8733::
::m8734::
::m8735::
::m8736::
::m8737::
::m8738::
::m8739::
::m8740::
::m8741::
::m8742::
::m8743::
::m8744::
::m8745::
::m8746::
::m8747::
::m8748::
::m8749::
::m8750::
::m8751::
::m8752::
::m8753::
::m8754::
::m8755::
::m8756::
::m8757::
::m8758::
::m8759::
::m8760::
::m8761::
::m8762::
::m8763::
::m8764::
::m8765::
::m8766::
::m8767::
::m8768::
::m8769::
::m8770::
::m8771::
::m8772::
::m8773::
::m8774::
::m8775::
::m8776::
::m8777::
::m8778::
::m8779::
::m8780::
::m8781::
::m8782::
::m8783::
::m8784::
::m8785::
::m8786::
::m8787::
::m8788::
::m8789::
::m8790::
::m8791::
::m8792::
::m8793::
::m8794::
::m8795::
::m8796::
::m8797::
::m8798::
::m8799::
::m8800::
::m8801::
::m8802::
::m8803::
::m8804::
::m8805::
::m8806::
::m8807::
::m8808::
::m8809::
::m8810::
::m8811::
::m8812::
::m8813::
::m8814::
::m8815::
::m8816::
::m8817::
::m8818::
::m8819::
::m8820::
::m8821::
::m8822::
::m8823::
::m8824::
::m8825::
::m8826::
::m8827::
::m8828::
::m8829::
::m8830::
::m8831::
::m8832::
::m8833::
::m8834::
::m8835::
::m8836::
::m8837::
::m8838::
::m8839::
::m8840::
::m8841::
::m8842::
::m8843::
::m8844::
::m8845::
::m8846::
::m8847::
::m8848::
::m8849::
::m8850::
::m8851::
::m8852::
::m8853::
::m8854::
::m8855::
::m8856::
::m8857::
::m8858::
::m8859::
::m8860::
::m8861::
::m8862::
::m8863::
::m8864::
::m8865::
::m8866::
::m8867::
::m8868::
::m8869::
::m8870::
::m8871::
::m8872::
::m8873::
::m8874::
::m8875::
::m8876::
::m8877::
::m8878::
::m8879::
::m8880::
::m8881::
::m8882::
::m8883::
::m8884::
::m8885::
::m8886::
::m8887::
::m8888::
::m8889::
::m8890::
::m8891::
::m8892::
::m8893::
::m8894::
::m8895::
::m8896::
::m8897::
::m8898::
::m8899::
::m8900::
::m8901::
::m8902::
::m8903::
::m8904::
::m8905::
::m8906::
::m8907::
::m8908::
::m8909::
::m8910::
::m8911::
::m8912::
::m8913::
::m8914::
::m8915::
::m8916::
::m8917::
::m8918::
::m8919::
::m8920::
::m8921::
::m8922::
::m8923::
::m8924::
::m8925::
::m8926::
::m8927::
::m8928::
::m8929::
::m8930::
::m8931::
::m8932::
::m8933::
::m8934::
::m8935::
::m8936::
::m8937::
::m8938::
::m8939::
::m8940::
::m8941::
::m8942::
::m8943::
::m8944::
::m8945::
::m8946::
::m8947::
::m8948::
::m8949::
::m8950::
::m8951::
::m8952::
::m8953::
::m8954::
::m8955::
::m8956::
::m8957::
::m8958::
::m8959::
::m8960::
::m8961::
::m8962::
::m8963::
::m8964::
::m8965::
::m8966::
::m8967::
::m8968::
::m8969::
::m8970::
::m8971::
::m8972::
::m8973::
::m8974::
::m8975::
::m8976::
::m8977::
::m8978::
::m8979::
::m8980::
::m8981::
::m8982::
::m8983::
::m8984::
::m8985::
::m8986::
::m8987::
::m8988::
::m8989::
::m8990::
::m8991::
::m8992::
::m8993::
::m8994::
::m8995::
::m8996::
::m8997::
::m8998::
::m8999::
